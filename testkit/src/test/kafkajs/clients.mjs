// What the client in JavaScript does with an endpoint. `node clients.mjs CHECK` ends with 0 when the check
// holds, and else says why not. BOOTSTRAP is host:port; SASL_USER, SASL_PASS and TLS_CA (a PEM file) come together.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The packages lie where this was copied to.
const require = createRequire(process.cwd() + '/');
const { Kafka, CompressionCodecs, CompressionTypes, ConfigResourceTypes, logLevel } = require('kafkajs');
const SnappyCodec = require('kafkajs-snappy');
const { ZstdCodec } = require('zstd-codec');

const PATIENCE_MS = 60_000;
const zstd = await new Promise(resolve => ZstdCodec.run(codec => resolve(new codec.Streaming())));
CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async encoder => Buffer.from(zstd.compress(encoder.buffer)),
    decompress: async bytes => Buffer.from(zstd.decompress(bytes)),
});

const { BOOTSTRAP, SASL_USER, SASL_PASS, TLS_CA } = process.env;
const kafka = new Kafka({
    clientId: 'checks',
    brokers: [BOOTSTRAP],
    logLevel: logLevel.ERROR,
    ...(TLS_CA ? { ssl: { ca: [readFileSync(TLS_CA)], servername: 'localhost' } } : {}),
    ...(SASL_USER ? { sasl: { mechanism: 'plain', username: SASL_USER, password: SASL_PASS } } : {}),
});
const admin = kafka.admin();

async function until(holds, what) {
    const begin = Date.now();
    while (!(await holds())) {
        assert.ok(Date.now() - begin < PATIENCE_MS, `not in time: ${what}`);
        await new Promise(resolve => setTimeout(resolve, 20));
    }
}

// Old records are to stay.
const FOREVER = [{ name: 'retention.ms', value: '-1' }];

const topic = (name, partitions = 1, configEntries = FOREVER) =>
    admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic: name, numPartitions: partitions, replicationFactor: 1, configEntries }],
    });

const numbers = (from, to) => Array.from({ length: to - from }, (_, i) => ({ key: `k${from + i}`, value: `${from + i}` }));

async function produce(name, messages, more = {}) {
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const answer = await producer.send({ topic: name, messages, ...more });
    await producer.disconnect();
    return answer;
}

/** A member of a group that keeps what it got and knows what it has. */
async function member(groupId, name) {
    const consumer = kafka.consumer({ groupId, sessionTimeout: 10_000, heartbeatInterval: 300, maxWaitTimeInMs: 100 });
    const seen = { got: [], has: [], close: () => consumer.disconnect() };
    consumer.on(consumer.events.GROUP_JOIN, event => {
        seen.has = event.payload.memberAssignment[name] ?? [];
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    await consumer.run({
        eachMessage: async ({ partition, message }) => {
            seen.got.push({ partition, ...message });
        },
    });
    return seen;
}

/** What a group reads until it has so many. */
async function read(groupId, name, count) {
    const reader = await member(groupId, name);
    await until(() => reader.got.length >= count, `${count} records, got ${reader.got.length}`);
    await reader.close();
    assert.equal(reader.got.length, count);
    return reader.got;
}

const checks = {
    async everyCodecComesBackByteForByte() {
        for (const codec of ['None', 'GZIP', 'Snappy', 'ZSTD']) {
            const name = `codec-${codec}`;
            await topic(name);
            const sent = Array.from({ length: 300 }, (_, i) => ({
                key: i % 7 === 0 ? null : Buffer.from(`key ${i}`),
                value: i % 11 === 0 ? null : randomBytes(i),
                timestamp: String(1_700_000_000_000 + i),
                headers: { number: Buffer.from(String(i)), bytes: Buffer.from([0, 255]) },
            }));
            const [{ baseOffset }] = await produce(name, sent, { compression: CompressionTypes[codec] });
            assert.equal(baseOffset, '0');
            const got = await read(`group-${codec}`, name, sent.length);
            got.forEach((record, i) => {
                assert.equal(record.offset, String(i));
                assert.deepEqual(record.key, sent[i].key);
                assert.deepEqual(record.value, sent[i].value);
                assert.equal(record.timestamp, sent[i].timestamp);
                assert.deepEqual({ ...record.headers }, sent[i].headers);
            });
        }
    },

    async groupGoesOnWhereItCommitted() {
        await topic('resumed', 3);
        await produce('resumed', numbers(0, 300));
        await read('resuming', 'resumed', 300);
        await produce('resumed', numbers(300, 400));
        const values = (await read('resuming', 'resumed', 100)).map(record => +record.value);
        assert.deepEqual(values.sort((a, b) => a - b), numbers(300, 400).map(record => +record.value));
        const [{ partitions }] = await admin.fetchOffsets({ groupId: 'resuming', topics: ['resumed'] });
        assert.equal(partitions.reduce((sum, partition) => sum + +partition.offset, 0), 400);
    },

    async secondMemberTakesItsPartAndTheFirstTakesItBack() {
        await topic('shared', 4);
        const first = await member('sharing', 'shared');
        await until(() => first.has.length === 4, 'one member has all');
        await produce('shared', numbers(0, 100));
        const second = await member('sharing', 'shared');
        await until(() => first.has.length === 2 && second.has.length === 2, 'each has two');
        await produce('shared', numbers(100, 200));
        const all = () => new Set([...first.got, ...second.got].map(record => +record.value));
        await until(() => all().size === 200, 'both together have all records');
        await second.close();
        await until(() => first.has.length === 4, 'who stayed has all');
        await produce('shared', numbers(200, 300));
        await until(() => all().size === 300, 'who stayed gets the rest');
        await first.close();
    },

    async groupsAreListedDescribedMovedAndDeleted() {
        await topic('moved');
        await produce('moved', numbers(0, 10));
        const active = await member('moving', 'moved');
        await until(() => active.got.length === 10, 'ten records');
        assert.ok((await admin.listGroups()).groups.some(group => group.groupId === 'moving'));
        let [group] = (await admin.describeGroups(['moving'])).groups;
        assert.equal(group.state, 'Stable');
        assert.equal(group.members.length, 1);
        await assert.rejects(admin.deleteGroups(['moving']));
        await active.close();
        [group] = (await admin.describeGroups(['moving'])).groups;
        assert.equal(group.state, 'Empty');
        await admin.setOffsets({ groupId: 'moving', topic: 'moved', partitions: [{ partition: 0, offset: '7' }] });
        assert.deepEqual((await read('moving', 'moved', 3)).map(record => record.offset), ['7', '8', '9']);
        await admin.deleteGroups(['moving']);
        assert.ok(!(await admin.listGroups()).groups.some(other => other.groupId === 'moving'));
    },

    async topicsAreMadeDescribedGrownAndDeleted() {
        await topic('made', 2);
        assert.equal(await admin.createTopics({ topics: [{ topic: 'made', replicationFactor: 1 }] }), false);
        await produce('made', [{ value: 'early', timestamp: '1700000000000', partition: 0 }]);
        await produce('made', [{ value: 'late', timestamp: '1700000005000', partition: 0 }]);
        const low = (await admin.fetchTopicOffsets('made')).find(entry => entry.partition === 0);
        assert.deepEqual([low.low, low.high], ['0', '2']);
        const byTime = await admin.fetchTopicOffsetsByTimestamp('made', 1_700_000_000_001);
        assert.equal(byTime.find(entry => entry.partition === 0).offset, '1');
        await admin.createPartitions({ topicPartitions: [{ topic: 'made', count: 5 }] });
        await until(async () => (await admin.fetchTopicMetadata({ topics: ['made'] })).topics[0].partitions.length === 5, 'five partitions');
        await admin.deleteTopics({ topics: ['made'] });
        await until(async () => !(await admin.listTopics()).includes('made'), 'the topic is gone');
    },

    async configsAreReadAndChangedAndRecordsDeleted() {
        await topic('changed', 1, [{ name: 'retention.ms', value: '3600000' }]);
        const resource = { type: ConfigResourceTypes.TOPIC, name: 'changed' };
        const retention = async () =>
            (await admin.describeConfigs({ resources: [resource] })).resources[0].configEntries.find(
                entry => entry.configName === 'retention.ms',
            ).configValue;
        assert.equal(await retention(), '3600000');
        await admin.alterConfigs({
            validateOnly: false,
            resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '7200000' }] }],
        });
        await until(async () => (await retention()) === '7200000', 'the config has changed');
        await produce('changed', numbers(0, 10));
        await admin.deleteTopicRecords({ topic: 'changed', partitions: [{ partition: 0, offset: '4' }] });
        await until(async () => (await admin.fetchTopicOffsets('changed'))[0].low === '4', 'records are gone');
    },
};

await admin.connect();
await checks[process.argv[2]]();
await admin.disconnect();
process.exit(0);
