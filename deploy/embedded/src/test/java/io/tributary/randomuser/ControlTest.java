package io.tributary.randomuser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlTest {
    private RandomUserServer server;
    private Caller caller;

    @BeforeEach
    void start() {
        server = RandomUserServer.start(RandomUserOptions.defaults());
        caller = new Caller(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void faultsAreSetByOneListAndEndedByDelete() {
        // When
        int set = caller.send(
                        "PUT",
                        "/_control/faults",
                        "[{\"kind\":\"429\",\"times\":2,\"value\":\"3600\"},{\"kind\":\"wrong-page\",\"page\":9,\"position\":1,\"after\":0,\"amount\":1}]")
                .statusCode();
        HttpResponse<byte[]> struck = caller.get("/api/?page=1");
        int cleared = caller.send("DELETE", "/_control/faults", "").statusCode();
        HttpResponse<byte[]> after = caller.get("/api/?page=1");
        // Then
        assertThat(set).isEqualTo(204);
        assertThat(struck.statusCode()).isEqualTo(429);
        assertThat(struck.headers().firstValue("Retry-After")).contains("3600");
        assertThat(cleared).isEqualTo(204);
        assertThat(after.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{\"kind\":\"moon\"}] | unknown kind of fault: moon",
                "[{\"kind\":\"429\",\"often\":1}] | unknown member of a fault: often",
                "[{\"kind\":\"429\",\"times\":\"x\"}] | times is not a whole number",
                "[{\"kind\":\"429\",\"times\":-1}] | times, after and position of a fault are 0 or more",
                "{} | expected a list of faults",
                "[ | not JSON"
            })
    void aListOfFaultsThatCanNotBeReadIsRefusedWithTheReason(String body, String reason) {
        // When
        HttpResponse<byte[]> response = caller.send("PUT", "/_control/faults", body);
        // Then
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Caller.text(response)).startsWith(reason);
    }

    @Test
    void theDateCanBeMovedAndGivenBackToTheClock() {
        // Given
        byte[] now = caller.get("/api/?seed=abc&results=20").body();
        // When
        int set = caller.send("PUT", "/_control/today", "\"2090-01-01\"").statusCode();
        byte[] later = caller.get("/api/?seed=abc&results=20").body();
        caller.send("DELETE", "/_control/today", "");
        byte[] again = caller.get("/api/?seed=abc&results=20").body();
        int refused = caller.send("PUT", "/_control/today", "2090-02-30").statusCode();
        // Then
        assertThat(set).isEqualTo(204);
        assertThat(later).isNotEqualTo(now);
        assertThat(again).isEqualTo(now);
        assertThat(refused).isEqualTo(400);
    }

    @Test
    void statsCountWhatWasAskedUntilTheyAreCleared() {
        // Given
        caller.page("results=10&page=2");
        caller.page("results=10&page=2");
        caller.page("results=5&page=3");
        // When
        JsonNode stats = Caller.json(caller.get("/_control/stats").body());
        caller.send("DELETE", "/_control/stats", "");
        JsonNode cleared = Caller.json(caller.get("/_control/stats").body());
        // Then
        assertThat(stats.path("requests").asInt()).isEqualTo(3);
        assertThat(stats.path("usersAsked").asInt()).isEqualTo(25);
        assertThat(stats.path("refused").asInt()).isZero();
        assertThat(stats.path("mostInFlight").asInt()).isEqualTo(1);
        assertThat(stats.path("requestsByPage").toString()).isEqualTo("{\"2\":2,\"3\":1}");
        assertThat(cleared.path("requests").asInt()).isZero();
    }

    @Test
    void nothingElseIsUnderControl() {
        // When
        int status = caller.get("/_control/other").statusCode();
        // Then
        assertThat(status).isEqualTo(404);
    }
}
