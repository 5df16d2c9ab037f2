package io.tributary.randomuser;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Optional;

/** Puts a body on the wire, whole or as a fault asks. On the event loop only. */
final class Delivery {
    /** Slow bytes go out in pieces of a tenth of a second where that is more than one. */
    private static final int PIECES_PER_SECOND = 10;

    private final Vertx vertx;

    Delivery(Vertx vertx) {
        this.vertx = vertx;
    }

    void send(HttpServerRequest request, Body body, Optional<Fault> fault) {
        if (fault.isEmpty()) {
            whole(request, body);
            return;
        }
        long amount = fault.get().amount();
        switch (fault.get().kind()) {
            case STALL -> headers(request, body, 0).write(first(body, amount));
            case SLOW_BYTES -> slowly(request, body, amount);
            case CUT_BODY -> {
                headers(request, body, 0).write(first(body, amount));
                request.connection().close();
            }
            case WRONG_LENGTH -> {
                headers(request, body, amount).write(Buffer.buffer(body.bytes()));
                request.connection().close();
            }
            case RESET -> headers(request, body, 0).write(first(body, amount)).onComplete(written -> reset(request));
            case NESTED_GZIP -> whole(request, nested(body, fault.get().value()));
            case UNKNOWN_ENCODING ->
                whole(request, body.encodedAs(body.bytes(), fault.get().value()));
            default -> throw new IllegalStateException(fault.get().kind() + " is no fault of delivery");
        }
    }

    private static void whole(HttpServerRequest request, Body body) {
        HttpServerResponse response = headers(request, body, 0);
        if (HttpMethod.HEAD.equals(request.method())) {
            response.end();
        } else {
            response.end(Buffer.buffer(body.bytes()));
        }
    }

    private static HttpServerResponse headers(HttpServerRequest request, Body body, long lengthTooMuch) {
        HttpServerResponse response = request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, body.contentType())
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .putHeader(HttpHeaders.VARY, "Accept-Encoding")
                .putHeader(HttpHeaders.ETAG, body.tag())
                .putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(body.bytes().length + lengthTooMuch));
        body.encoding().ifPresent(encoding -> response.putHeader(HttpHeaders.CONTENT_ENCODING, encoding));
        return response;
    }

    /** @param bytes negative for half of it */
    private static Buffer first(Body body, long bytes) {
        int length = body.bytes().length;
        return Buffer.buffer(length)
                .appendBytes(body.bytes(), 0, bytes < 0 ? length / 2 : (int) Math.min(bytes, length));
    }

    private void slowly(HttpServerRequest request, Body body, long bytesPerSecond) {
        HttpServerResponse response = headers(request, body, 0);
        int piece = (int) Math.max(1, bytesPerSecond / PIECES_PER_SECOND);
        long pauseMillis = Math.max(1, 1000L * piece / Math.max(1, bytesPerSecond));
        int[] sent = {0};
        response.write(first(body, piece));
        sent[0] = piece;
        vertx.setPeriodic(pauseMillis, id -> {
            if (response.closed()) {
                vertx.cancelTimer(id);
                return;
            }
            int length = Math.min(piece, body.bytes().length - sent[0]);
            if (length > 0 && !response.writeQueueFull()) {
                response.write(Buffer.buffer(length).appendBytes(body.bytes(), sent[0], length));
                sent[0] += length;
            }
            if (sent[0] >= body.bytes().length) {
                vertx.cancelTimer(id);
                response.end();
            }
        });
    }

    /** A close with a linger of 0 sends RST in place of FIN. Vert.x has no way to say so. */
    private static void reset(HttpServerRequest request) {
        if (request.connection() instanceof ConnectionBase connection) {
            Channel channel = connection.channel();
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            ChannelFuture unused = channel.close();
        }
    }

    private static Body nested(Body body, String encoding) {
        byte[] once = body.encoding().isPresent() ? body.bytes() : Gzip.fast(body.bytes());
        return body.encodedAs(Gzip.fast(once), encoding);
    }
}
