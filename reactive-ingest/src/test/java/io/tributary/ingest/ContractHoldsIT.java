package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.Schemathesis.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service on real servers does what its document says, whatever it is asked: no status that is not documented, no 5xx, no
 * answer of another form, nothing done without a token.
 */
@Tag("chaos")
class ContractHoldsIT {
    private static final String TOKEN = "a-token-that-may-do-everything";

    @Test
    void noAnswerIsAServersErrorOrUndocumented(@TempDir Path dir) throws Exception {
        // Given
        Path tokens = Files.writeString(dir.resolve("tokens"), "runs:read,runs:write,metrics " + TOKEN + "\n");
        StackOptions options = StackOptions.of(Path.of(".."))
                .withDataDir(dir.resolve("stack"))
                .withParts(Set.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.CASSANDRA, Part.SOURCE, Part.INGEST))
                .withSourceQuota(0)
                .withEnv(Part.INGEST, "INGEST_TOKENS_FILE", tokens.toString());
        try (EmbeddedStack stack = EmbeddedStack.start(options, StackListener.SILENT)) {
            // When
            Verdict verdict = Schemathesis.tryOut(stack.addresses().ingestUrl().orElseThrow(), TOKEN);
            // Then
            System.out.println(verdict.report());
            assertThat(verdict.exit()).as("%s", verdict.report()).isZero();
            assertThat(Files.readString(stack.log(Part.INGEST))).doesNotContain(" ERROR ", TOKEN);
        }
    }
}
