package io.tributary.etl;

import io.tributary.embedded.StackFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** Which dead letters, and where: what listing them and sending them again have in common. */
final class DeadLetterOptions {
    private static final String DLQ = "randomuser.users.dlq";

    @Option(
            names = "--reason",
            split = ",",
            paramLabel = "R",
            description = "Only these: empty, too_large, wrong_magic, unknown_schema, malformed, impossible.")
    private List<String> reasons = List.of();

    @Option(names = "--bootstrap", paramLabel = "H:P", description = "Ask this Kafka, not the one of the folder.")
    private Optional<String> bootstrap = Optional.empty();

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties of a Kafka client: how to log in and whom to believe.")
    private Optional<Path> config = Optional.empty();

    @Option(names = "--topic", paramLabel = "T", description = "The topic of dead letters (default: " + DLQ + ").")
    private String topic = DLQ;

    Predicate<DeadLetters.Letter> wanted() {
        Set<String> known = Set.of("empty", "too_large", "wrong_magic", "unknown_schema", "malformed", "impossible");
        for (String reason : reasons) {
            if (!known.contains(reason)) {
                throw EtlFailure.usage(
                        "--reason=" + Text.printable(reason) + ", expected some of " + new TreeSet<>(known));
            }
        }
        return letter -> reasons.isEmpty() || reasons.contains(letter.reason());
    }

    DeadLetters open(Command command) {
        Map<String, Object> kafka = new HashMap<>();
        config.ifPresent(file -> kafka.putAll(read(command.around.here().resolve(file))));
        bootstrap.ifPresent(address -> kafka.put("bootstrap.servers", address));
        kafka.computeIfAbsent(
                "bootstrap.servers",
                key -> command.stack()
                        .map(StackFile::addresses)
                        .flatMap(addresses -> addresses.kafkaBootstrap())
                        .orElseThrow(() -> EtlFailure.broken(
                                "no stack is up in " + Text.path(command.data(), command.around.here())
                                        + "; start one with: ./etl up, or name a Kafka by --bootstrap",
                                null)));
        return new DeadLetters(kafka, topic);
    }

    private static Map<String, Object> read(Path file) {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw EtlFailure.usage("--kafka-config: " + file + " is no readable properties file");
        }
        Map<String, Object> kafka = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> kafka.put(key, properties.getProperty(key)));
        return kafka;
    }
}
