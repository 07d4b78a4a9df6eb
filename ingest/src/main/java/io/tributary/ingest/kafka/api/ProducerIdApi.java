package io.tributary.ingest.kafka.api;

import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.metadata.producer.ProducerIds;
import java.io.IOException;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;

/** Gives every producer that wants to be idempotent an id of its own. Blocks. */
final class ProducerIdApi {
    private final ProducerIds ids;

    ProducerIdApi(ProducerIds ids) {
        this.ids = ids;
    }

    AbstractResponse init(KafkaRequest request) throws IOException {
        InitProducerIdRequest asked = (InitProducerIdRequest) request.body();
        if (asked.data().transactionalId() != null) {
            return asked.getErrorResponse(0, Errors.INVALID_REQUEST.exception());
        }
        return new InitProducerIdResponse(
                new InitProducerIdResponseData()
                        .setProducerId(ids.next())
                        .setProducerEpoch((short) 0));
    }
}
