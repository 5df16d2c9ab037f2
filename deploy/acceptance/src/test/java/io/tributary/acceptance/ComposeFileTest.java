package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.tributary.acceptance.ComposeFile.Service;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code deploy/docker-compose.yml} promises, read from the file itself. */
class ComposeFileTest {
    private static final Pattern PINNED = Pattern.compile("[a-z0-9./-]+:[v0-9]*[0-9]+[.][0-9][A-Za-z0-9._-]*");
    private static final Pattern IN_A_SECRETS_NAME =
            Pattern.compile(".*(PASSWORD|SECRET|TOKEN|_KEY|_CONN)(_CMD|S?_+FILE)?");
    private static final Pattern SECRET_FILE = Pattern.compile("/run/secrets/([a-z_]+)");
    private static final Pattern OURS = Pattern.compile("name: ((?:INGEST|STREAM|PREPARE)_[A-Z_]+)");
    private static final Pattern MEMORY = Pattern.compile("([0-9]+)([mg])");

    private final ComposeFile compose = ComposeFile.read();

    @Test
    void eachImageIsPinned() {
        assertThat(compose.services())
                .hasSizeGreaterThan(20)
                .allMatch(service -> PINNED.matcher(ComposeFile.withDefaults(service.text("image")))
                        .matches());
    }

    @Test
    void eachDependencyWaitsForAHealthOrForTheEndOfAJob() {
        for (Service service : compose.services()) {
            service.object("depends_on").forEach((name, how) -> {
                Service other = compose.service(name);
                assertThat(String.valueOf(how))
                        .as("%s depends on %s", service, name)
                        .contains(other.isJob() ? "service_completed_successfully" : "service_healthy");
                assertThat(other.isJob() || other.settings().containsKey("healthcheck"))
                        .as("%s, which %s waits for, tells its health", name, service)
                        .isTrue();
            });
        }
    }

    @Test
    void eachServiceTellsItsHealthComesBackAndKnowsItsBounds() {
        for (Service service : compose.services()) {
            assertThat(service.settings())
                    .as(service.name())
                    .containsKeys("mem_limit", "pids_limit", "logging", "restart")
                    .containsAnyOf(
                            entry("network_mode", "none"),
                            entry("networks", service.settings().get("networks")));
            if (!service.isJob() && !service.isOnDemand()) {
                assertThat(service.settings()).as(service.name()).containsKey("healthcheck");
                assertThat(service.text("restart")).as(service.name()).isEqualTo("unless-stopped");
            }
            assertThat(service.text("logging")).as(service.name()).contains("max-size", "max-file");
        }
    }

    @Test
    void nobodyHasMoreRightsThanHeNeeds() {
        for (Service service : compose.services()) {
            assertThat(service.list("cap_drop")).as(service.name()).isEqualTo(List.of("ALL"));
            assertThat(service.list("security_opt")).as(service.name()).isEqualTo(List.of("no-new-privileges:true"));
            assertThat(service.settings()).as(service.name()).doesNotContainKeys("privileged", "pid", "ipc");
            if (service.isOurs()) {
                assertThat(service.settings()).as(service.name()).containsEntry("read_only", true);
            }
        }
    }

    @Test
    void portsAreOnThisMachineAlone() {
        assertThat(compose.services().stream().flatMap(service -> service.list("ports").stream()))
                .isNotEmpty()
                .allMatch(port -> port.toString().startsWith("127.0.0.1:"));
    }

    @Test
    void onlyIngestHasAWayOut() {
        // When
        Map<String, Object> networks = new TreeMap<>(compose.section("networks"));
        networks.values()
                .removeIf(network -> network.toString().contains("internal=true")
                        || network.toString().contains("enable_ip_masquerade=false"));
        // Then
        assertThat(networks).containsOnlyKeys("source");
        assertThat(compose.services())
                .filteredOn(service -> service.list("networks").contains("source"))
                .extracting(Service::name)
                .containsExactlyInAnyOrder("ingest", "ingest-2");
    }

    @Test
    void noSecretStandsInAVariable() {
        for (Service service : compose.services()) {
            service.object("environment").forEach((key, value) -> {
                if (IN_A_SECRETS_NAME.matcher(key).matches()
                        && !value.toString().isEmpty()) {
                    assertThat(value.toString()).as(service + " " + key).matches("(cat )?/(run/secrets|tmp)/[a-z._]+");
                }
            });
        }
    }

    @Test
    void whoReadsASecretIsGivenItAndEachIsGivenToSomebody() {
        Set<String> given = new HashSet<>();
        for (Service service : compose.services()) {
            Collection<?> secrets = service.list("secrets");
            secrets.forEach(secret -> given.add(secret.toString()));
            Set<String> read = new HashSet<>();
            SECRET_FILE.matcher(service.settings().toString()).results().forEach(found -> read.add(found.group(1)));
            assertThat(read).as(service.name()).allMatch(secrets::contains);
        }
        assertThat(given).isEqualTo(compose.section("secrets").keySet());
    }

    @Test
    void eachVariableIsExplainedWithItsDefaultAndEachExplainedOneIsThere() {
        // Given
        Map<String, Set<String>> asked = compose.variables();
        Map<String, String> explained = ComposeFile.example();
        // When / Then
        Set<String> names = new HashSet<>(explained.keySet());
        names.remove("COMPOSE_PROFILES"); // docker compose's own
        assertThat(names).isEqualTo(asked.keySet());
        Predicate<String> isOfThisUserOrMachine =
                name -> Stream.of("TRIBUTARY_UID", "TRIBUTARY_GID", "ZOOKEEPER", "SPARK_Z")
                        .anyMatch(name::startsWith);
        asked.forEach((name, defaults) -> {
            if (!isOfThisUserOrMachine.test(name)) {
                assertThat(defaults).as(name).containsExactly(explained.get(name));
            }
        });
    }

    @Test
    void whatIsSetOnKubernetesIsReadByTheProgramsToo() {
        // Given
        Set<String> known = new HashSet<>();
        Stream.of("ingest", "stream", "prepare")
                .forEach(service -> known.addAll(compose.environment(service).keySet()));
        // When
        List<String> set = Stream.of("ingest", "stream", "prepare")
                .flatMap(name -> OURS.matcher(ComposeFile.file("kubernetes/" + name + ".yaml"))
                        .results())
                .map(found -> found.group(1))
                .toList();
        // Then
        assertThat(set).hasSizeGreaterThan(40).allMatch(known::contains);
    }

    @Test
    void theReadmeTellsTheMemoryOfEachProfile() {
        // Given
        Map<String, Integer> mebibytes = new TreeMap<>();
        for (Service service : compose.services()) {
            var limit = MEMORY.matcher(service.text("mem_limit"));
            assertThat(limit.matches()).as(service.name()).isTrue();
            int one = Integer.parseInt(limit.group(1)) * (limit.group(2).equals("g") ? 1024 : 1);
            int all = service.name().equals("spark-worker") ? 2 * one : one;
            if (!service.isJob()) {
                mebibytes.merge(
                        service.list("profiles").stream()
                                .findFirst()
                                .map(Object::toString)
                                .orElse("default"),
                        all,
                        Integer::sum);
            }
        }
        // When / Then
        mebibytes.forEach((profile, sum) -> assertThat(ComposeFile.file("README.md"))
                .containsPattern(Pattern.compile("\\| `?" + profile + "`? \\|[^\n]*\\b"
                        + String.format(Locale.ROOT, "%.1f", sum / 1024.0) + " GiB")));
    }
}
