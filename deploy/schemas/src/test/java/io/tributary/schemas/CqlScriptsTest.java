package io.tributary.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class CqlScriptsTest {
    @Test
    void statementsEndWithASemicolonAtTheEndOfALineAndCommentsAreLeftOut() {
        // Given
        String script = """
                -- a comment; with a semicolon;
                CREATE TABLE a (
                  x text, -- one; two
                  PRIMARY KEY (x)
                );

                CREATE TABLE b (y text PRIMARY KEY);
                """;
        // When / Then
        assertThat(CqlScripts.split(script))
                .containsExactly(
                        "CREATE TABLE a (\nx text, -- one; two\nPRIMARY KEY (x)\n)",
                        "CREATE TABLE b (y text PRIMARY KEY)");
    }

    @Test
    void aScriptThatEndsWithinAStatementIsRefused() {
        // When / Then
        assertThatThrownBy(() -> CqlScripts.split("CREATE TABLE a (x text PRIMARY KEY)"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no semicolon after: CREATE TABLE a");
    }

    @Test
    void scriptsGoInTheOrderOfTheirNumbers() {
        // When / Then
        assertThat(CqlScripts.version(Path.of("/cql/V12__more.cql"))).isEqualTo(12);
        assertThatThrownBy(() -> CqlScripts.version(Path.of("/cql/more.cql"))).hasMessageContaining("more.cql");
    }

    @Test
    void theSchemaOnTheClassPathIsFound() throws Exception {
        // When / Then
        assertThat(CqlScripts.statements()).first().asString().startsWith("CREATE KEYSPACE IF NOT EXISTS tributary");
    }
}
