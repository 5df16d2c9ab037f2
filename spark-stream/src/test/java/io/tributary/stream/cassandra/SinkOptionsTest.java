package io.tributary.stream.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinkOptionsTest {
    private static final Map<String, String> LEAST =
            Map.of("contactpoints", "127.0.0.1:9042", "datacenter", "dc1", "keyspace", "ks", "table", "t");

    @Test
    void keysAreInAnyCaseAndTheRestHasDefaults() {
        SinkOptions options = SinkOptions.of(LEAST);
        assertThat(options.tables()).containsExactly("t");
        assertThat(options.inFlight()).isEqualTo(256);
        assertThat(options.retryFor()).isEqualTo(Duration.ofMinutes(2));
        assertThat(options.consistency()).isEqualTo("LOCAL_QUORUM");
    }

    @ParameterizedTest
    @CsvSource({
        "contactPoints,host:port",
        "contactPoints,''",
        "inFlight,0",
        "inFlight,many",
        "batchRows,1001",
        "batchBy,table",
        "requestTimeout,15",
        "consistency,MOST",
        "retries,3",
        "tableColumn,x",
    })
    void whatCanNotBeUsedIsRefusedByName(String key, String value) {
        Map<String, String> given = new HashMap<>(LEAST);
        given.remove("table".equals(key) ? key : "");
        if (key.equals("contactPoints")) {
            given.remove("contactpoints");
        }
        given.put(key, value);
        String named = key.equals("tableColumn") ? "tables" : key;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SinkOptions.of(given))
                .withMessageContaining(named);
    }
}
