package io.tributary.server.start;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection that brings bytes for so long without a whole request header, however slowly
 * they drip. A new connection's TLS handshake counts, too. Connections that are idle, and HTTP/2
 * after its first header, have other bounds. Stands first in a connection's pipeline and is used on
 * its event loop only.
 */
final class HeaderDeadline extends ChannelInboundHandlerAdapter {
    private static final long SECONDS = 15;

    private int openRequests;
    private Future<?> timer;

    /** Tells the connection's deadline of each request; in front of all other handlers. */
    static final class Arrivals implements Handler<RoutingContext> {
        @Override
        public void handle(RoutingContext request) {
            if (request.request().connection() instanceof ConnectionBase connection) {
                Channel channel = connection.channel();
                HeaderDeadline deadline = channel.pipeline().get(HeaderDeadline.class);
                if (deadline != null) {
                    deadline.arrived();
                    if (request.request().version() == HttpVersion.HTTP_2) {
                        channel.pipeline().remove(deadline);
                    } else {
                        request.addEndHandler(ended -> deadline.openRequests--);
                    }
                }
            }
            request.next();
        }
    }

    /** Lets a connection go that does not speak HTTP; on its event loop. */
    static void remove(NetSocket socket) {
        if (socket instanceof ConnectionBase connection) {
            ChannelPipeline pipeline = connection.channel().pipeline();
            HeaderDeadline deadline = pipeline.get(HeaderDeadline.class);
            if (deadline != null) {
                deadline.stop();
                pipeline.remove(deadline);
            }
        }
    }

    private void arrived() {
        openRequests++;
        stop();
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext connection) throws Exception {
        watch(connection);
        super.channelActive(connection);
    }

    @Override
    public void channelRead(ChannelHandlerContext connection, Object bytes) throws Exception {
        watch(connection);
        super.channelRead(connection, bytes);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the end
    private void watch(ChannelHandlerContext connection) {
        if (openRequests == 0 && timer == null) {
            timer =
                    connection
                            .executor()
                            .schedule(() -> connection.close(), SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext connection) throws Exception {
        stop();
        super.channelInactive(connection);
    }
}
