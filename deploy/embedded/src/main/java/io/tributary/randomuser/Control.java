package io.tributary.randomuser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What only a stand-in has, under {@code /_control/}: faults, stats and the date. 204 when done, 400 with the reason. */
record Control(FaultQueue faults, Counters counters, Today today) {
    private static final FaultReader READER = new FaultReader();
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MOST_BODY_BYTES = 1 << 20;

    void handle(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        switch (request.method() + " " + request.path()) {
            case "PUT /_control/faults" -> withBody(request, body -> faults.replace(READER.read(body)));
            case "DELETE /_control/faults" -> {
                faults.replace(List.of());
                done(response);
            }
            case "PUT /_control/today" -> withBody(request, body -> today.set(Optional.of(date(body))));
            case "DELETE /_control/today" -> {
                today.set(Optional.empty());
                done(response);
            }
            case "GET /_control/stats" -> stats(response);
            case "DELETE /_control/stats" -> {
                counters.clear();
                done(response);
            }
            default -> Answers.plain(response, 404, "Not Found");
        }
    }

    Stats stats() {
        return counters.stats(faults.remaining());
    }

    private void stats(HttpServerResponse response) {
        try {
            Answers.json(response, MAPPER.writeValueAsBytes(stats()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stats are plain numbers", e);
        }
    }

    private static void withBody(HttpServerRequest request, Consumer<byte[]> use) {
        request.body().onSuccess(body -> {
            try {
                if (body.length() > MOST_BODY_BYTES) {
                    throw new IllegalArgumentException("more than " + MOST_BODY_BYTES + " bytes");
                }
                use.accept(body.getBytes());
                done(request.response());
            } catch (IllegalArgumentException | DateTimeException e) {
                Answers.plain(request.response(), 400, String.valueOf(e.getMessage()));
            }
        });
    }

    /** {@code 2027-01-01}, with or without quotes. */
    private static LocalDate date(byte[] body) {
        return LocalDate.parse(new String(body, StandardCharsets.UTF_8).strip().replace("\"", ""));
    }

    private static void done(HttpServerResponse response) {
        response.setStatusCode(204).end();
    }
}
