package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.Ports.Slot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PortsTest {
    @TempDir
    private Path folder;

    private DataDir dataDir;

    @BeforeEach
    void take() throws IOException {
        dataDir = DataDir.take(folder);
    }

    @AfterEach
    void giveBack() throws IOException {
        dataDir.close();
    }

    @Test
    void everySlotGetsItsOwnPortBelowThoseOfOutgoingConnections() throws IOException {
        // When
        Ports ports = choose(Map.of());
        // Then
        assertThat(ports.numbers()).containsOnlyKeys(Slot.values());
        assertThat(ports.numbers().values())
                .doesNotHaveDuplicates()
                .allSatisfy(port -> assertThat(port).isBetween(Ports.LOWEST, Ports.HIGHEST));
    }

    @Test
    void theNextStartOverTheFolderGetsTheSamePorts() throws IOException {
        // Given
        Ports first = choose(Map.of());
        // When / Then
        assertThat(choose(Map.of())).isEqualTo(first);
    }

    @Test
    void aRememberedPortThatSomebodyElseHasByNowIsChosenAnew() throws IOException {
        // Given
        Ports first = choose(Map.of());
        int lost = first.of(Slot.KAFKA);
        try (ServerSocket other = new ServerSocket(lost, 1, InetAddress.getLoopbackAddress())) {
            // When
            Ports second = choose(Map.of());
            // Then
            assertThat(second.of(Slot.KAFKA)).isNotEqualTo(other.getLocalPort());
            assertThat(second.of(Slot.POSTGRES)).isEqualTo(first.of(Slot.POSTGRES));
        }
    }

    @Test
    void aGivenPortIsTakenEvenFromASlotThatHadItBefore() throws IOException {
        // Given
        Ports first = choose(Map.of());
        // When
        Ports second = choose(Map.of(Part.INGEST, first.of(Slot.CASSANDRA_STORAGE)));
        // Then
        assertThat(second.of(Slot.INGEST)).isEqualTo(first.of(Slot.CASSANDRA_STORAGE));
        assertThat(second.numbers().values()).doesNotHaveDuplicates();
    }

    @Test
    void aGivenPortThatIsTakenNamesThePartAndThePort() throws IOException {
        // Given
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // When / Then
            assertThatThrownBy(() -> choose(Map.of(Part.REGISTRY, other.getLocalPort())))
                    .isInstanceOfSatisfying(StackFailed.class, failed -> {
                        assertThat(failed.part()).contains(Part.REGISTRY);
                        assertThat(failed.log()).contains(dataDir.log(Part.REGISTRY));
                        assertThat(failed).hasMessageContaining("port " + other.getLocalPort() + " is taken");
                    });
        }
    }

    @Test
    void onePortForTwoPartsIsRefused() {
        // When / Then
        assertThatThrownBy(() -> choose(Map.of(Part.INGEST, 15_001, Part.STREAM, 15_001)))
                .isInstanceOf(StackFailed.class);
    }

    @Test
    void aSpoiledFileIsAsGoodAsNone() throws IOException {
        // Given
        Files.writeString(dataDir.ports(), "kafka=99999\npostgres=abc\n");
        // When / Then
        assertThat(choose(Map.of()).of(Slot.KAFKA)).isLessThanOrEqualTo(Ports.HIGHEST);
    }

    private Ports choose(Map<Part, Integer> given) throws IOException {
        return Ports.choose(dataDir.ports(), given, EnumSet.allOf(Part.class), dataDir, RandomGenerator.getDefault());
    }
}
