package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.SchemaRegistry.RegistryFailed;
import io.tributary.schemas.UserEventSchema;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriterSchemasTest {
    private static final Duration PATIENCE = Duration.ofMillis(200);
    private HttpServer registry;
    private int status = 200;

    @BeforeEach
    void listen() throws IOException {
        registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] schema = new ObjectMapper()
                .createObjectNode()
                .put("schema", UserEventSchema.schema().toString())
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        registry.createContext("/schemas/ids/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(status, schema.length);
                exchange.getResponseBody().write(schema);
            }
        });
        registry.start();
    }

    @AfterEach
    void end() {
        registry.stop(0);
    }

    @Test
    void anOutageIsFeltOnlyByAnIdThatNobodyHasSeen() {
        // Given
        WriterSchemas schemas = schemas();
        assertThat(schemas.apply(7)).isEqualTo(UserEventSchema.schema());
        // When
        status = 503;
        // Then
        assertThat(schemas.apply(7)).isEqualTo(UserEventSchema.schema());
        assertThatThrownBy(() -> schemas.apply(8)).isInstanceOf(RegistryFailed.class);
        registry.stop(0);
        assertThat(schemas.apply(7)).isEqualTo(UserEventSchema.schema());
        assertThatThrownBy(() -> schemas.apply(8)).isInstanceOf(RegistryFailed.class);
    }

    @Test
    void anIdThatIsUnknownNowMayBeKnownLater() {
        // Given
        WriterSchemas schemas = schemas();
        status = 404;
        assertThat(schemas.apply(7)).isNull();
        // When
        status = 200;
        // Then
        assertThat(schemas.apply(7)).isEqualTo(UserEventSchema.schema());
    }

    private WriterSchemas schemas() {
        URI base = URI.create("http://127.0.0.1:" + registry.getAddress().getPort());
        return new WriterSchemas(new SchemaRegistry(base, Duration.ofSeconds(5)), PATIENCE);
    }
}
