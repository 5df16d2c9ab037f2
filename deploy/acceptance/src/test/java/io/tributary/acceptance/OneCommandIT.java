package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One command from nothing to four stores that agree, and once more over what it left. */
@BesideTheShared
class OneCommandIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    @Test
    void upOnceReconcilesAndASecondTimeWithTheFirstRunStillThere() throws IOException {
        // Given
        JsonNode first = up(100_000);
        // When
        JsonNode second = up(20_000);
        // Then
        assertThat(second.get("run")).isNotEqualTo(first.get("run"));
        LeftOver.assertNone(dir);
    }

    private JsonNode up(int users) throws IOException {
        Cli.Result result = Cli.run(dir, "up", "--once", "--users", Integer.toString(users), "--json");
        assertThat(result.exit()).as(result.toString()).isZero();
        JsonNode json = JSON.readTree(result.out());
        assertThat(json.get("users").asInt()).isEqualTo(users);
        JsonNode reconciliation = json.get("reconciliation");
        assertThat(reconciliation.get("equal").asBoolean()).isTrue();
        String digest = reconciliation.at("/ledger/digest").asText();
        assertThat(digest).matches("[0-9a-f]{16}");
        for (String store : new String[] {"ledger", "postgres", "kafka", "cassandra"}) {
            assertThat(reconciliation.at("/" + store + "/users").asInt())
                    .as(store)
                    .isEqualTo(users);
            assertThat(reconciliation.at("/" + store + "/digest").asText())
                    .as(store)
                    .isEqualTo(digest);
        }
        return json;
    }
}
