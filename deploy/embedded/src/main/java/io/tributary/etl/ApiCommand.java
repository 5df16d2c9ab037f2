package io.tributary.etl;

import java.net.URI;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A command that asks the control API of a stack that is up. */
abstract class ApiCommand extends Command {
    @Option(
            names = "--url",
            order = 99,
            paramLabel = "URL",
            description = "Ask this ingest, such as http://127.0.0.1:8080, not the one of the folder.")
    private Optional<URI> url = Optional.empty();

    ApiCommand(Surroundings around) {
        super(around);
    }

    ControlApi api() {
        return new ControlApi(url.map(given -> httpAddress("--url", given)).orElseGet(this::ofFolder));
    }

    private URI ofFolder() {
        return stack().flatMap(stack -> stack.addresses().ingestUrl())
                .orElseThrow(() -> EtlFailure.broken(
                        "no stack is up in " + Text.path(data(), around.here()) + "; start one with: ./etl up", null));
    }
}
