package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The commands that ask a control API, on the real one: elsewhere they are tried on one that is made up. */
@SharedStack.Whole
class CommandLineIT {
    private static final int USERS = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final WholeStack stack;

    CommandLineIT(WholeStack shared) {
        stack = shared;
    }

    @Test
    void aRunIsPlannedDoneListedReplayedAndCounted() throws IOException {
        assertThat(etl("plan", "--users", "500", "--page-size", "200")
                        .at("/pages")
                        .asInt())
                .isEqualTo(3);
        // When
        JsonNode run = etl("run", "--users", "500", "--page-size", "200");
        // Then
        String id = run.get("run").asText();
        assertThat(run.at("/reconciliation/equal").asBoolean()).isTrue();
        assertThat(etl("runs").at("/runs").findValuesAsText("id")).contains(id);
        assertThat(etl("windows").at("/windows").isEmpty()).isFalse();
        assertThat(etl("replay", id, "--topic", "users.again").at("/records").asInt())
                .isEqualTo(USERS);
        assertThat(etl("redrive", id).at("/pages").asInt()).isZero();
        Cli.Result late = Cli.run(stack.dir(), "cancel", id);
        assertThat(late.exit()).as(late.toString()).isEqualTo(2);
        assertThat(late.err()).contains("the run has ended, it is COMPLETE");
    }

    @Test
    void aRunIsCancelled() throws Exception {
        UUID run = stack.startRun(1_000_000, 1_000);
        assertThat(etl("cancel", run.toString()).get("state").asText()).isEqualTo("CANCELLED");
        await("what was captured is delivered").atMost(Duration.ofMinutes(1)).until(() -> {
            JsonNode pages = stack.run(run).get("pageStates");
            return pages.get("captured").asInt() + pages.get("leased").asInt() == 0;
        });
    }

    private JsonNode etl(String... command) throws IOException {
        String[] asJson = Arrays.copyOf(command, command.length + 1);
        asJson[command.length] = "--json";
        Cli.Result result = Cli.run(stack.dir(), asJson);
        assertThat(result.exit()).as(result.toString()).isZero();
        return JSON.readTree(result.out());
    }
}
