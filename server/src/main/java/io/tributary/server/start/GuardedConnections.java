package io.tributary.server.start;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.spi.VertxServiceProvider;
import java.util.List;

/**
 * Puts a {@link HeaderDeadline} in front of every connection that is accepted, which no option of
 * the application server does. Found as a service.
 */
public final class GuardedConnections implements VertxServiceProvider {
    @Override
    public void init(VertxBuilder builder) {
        builder.findTransport(new Guarding());
    }

    private static final class Guarding extends JDKTransport {
        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return Guarded::new;
        }
    }

    private static final class Guarded extends NioServerSocketChannel {
        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            int count = super.doReadMessages(accepted);
            // The list may hold others, accepted by earlier calls.
            for (Object connection : accepted.subList(accepted.size() - count, accepted.size())) {
                ((Channel) connection).pipeline().addFirst(new HeaderDeadline());
            }
            return count;
        }
    }
}
