package io.tributary.randomuser;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** Every answer that is no page: the source's own words, and what faults put in place of a page. */
final class Answers {
    static final String OWN_TROUBLE =
            "Uh oh, something has gone wrong. Please tweet us @randomapi about the issue. Thank you.";

    private Answers() {}

    /** No Retry-After: the source sends none. */
    static void overQuota(HttpServerResponse response, long usersAsked) {
        error(
                response,
                429,
                "Whoa, ease up there cowboy. You've requested " + usersAsked + " users in the last minute. Help us keep"
                        + " this service free and spare some bandwidth for other users please :)");
    }

    static void ownTrouble(HttpServerResponse response, int status) {
        error(response, status, OWN_TROUBLE);
    }

    static void plain(HttpServerResponse response, int status, String text) {
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(text);
    }

    static void json(HttpServerResponse response, byte[] json) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(Buffer.buffer(json));
    }

    /** @param usersAsked what a refusal says has been asked for */
    static void instead(HttpServerResponse response, Fault fault, long usersAsked) {
        int amount = (int) Math.min(Integer.MAX_VALUE, fault.amount());
        switch (fault.kind()) {
            case TOO_MANY_REQUESTS -> {
                if (!fault.value().isEmpty()) {
                    response.putHeader(HttpHeaders.RETRY_AFTER, fault.value());
                }
                overQuota(response, usersAsked);
            }
            case SERVER_ERROR, ERROR_200 -> ownTrouble(response, amount);
            case HTML ->
                response.setStatusCode(amount)
                        .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=UTF-8")
                        .end("<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head>"
                                + "<body><h1>Checking your browser</h1></body></html>\n");
            case REDIRECT ->
                response.setStatusCode(amount)
                        .putHeader(HttpHeaders.LOCATION, fault.value())
                        .end();
            case GZIP_BOMB ->
                response.putHeader(HttpHeaders.CONTENT_TYPE, Format.JSON.contentType)
                        .putHeader(HttpHeaders.CONTENT_ENCODING, "gzip")
                        .end(Buffer.buffer(Gzip.bomb(fault.amount())));
            case STALL_BEFORE_HEADERS -> {
                // the connection stays open and silent
            }
            default -> throw new IllegalStateException(fault.kind() + " is not an answer");
        }
    }

    /** None of the texts needs an escape. */
    private static void error(HttpServerResponse response, int status, String text) {
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, Format.JSON.contentType)
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .end("{\"error\":\"" + text + "\"}");
    }
}
