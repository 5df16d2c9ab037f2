package io.tributary.etl;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Option;

/** A command that asks a control API: of the stack that is up in the folder, or of any other ingest. */
abstract class ApiCommand extends Command {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    @Option(
            names = "--url",
            order = 97,
            paramLabel = "URL",
            description = "Ask this ingest, such as https://etl.example:8443, not the one of the folder.")
    private Optional<URI> url = Optional.empty();

    @Option(
            names = "--token-file",
            order = 98,
            paramLabel = "FILE",
            description = "One line: the token that ingest knows us by. Only its owner may be able to read it.")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--ca-file",
            order = 99,
            paramLabel = "FILE",
            description = "PEM: believe these certificates, and no others (default: those of the JDK).")
    private Optional<Path> caFile = Optional.empty();

    ApiCommand(Surroundings around) {
        super(around);
    }

    ControlApi api() {
        URI address = url.map(given -> httpAddress("--url", given)).orElseGet(this::ofFolder);
        boolean encrypted = "https".equals(String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT));
        if (caFile.isPresent() && !encrypted) {
            throw EtlFailure.usage("--ca-file is for https, and the address is " + address);
        }
        if (tokenFile.isPresent() && !encrypted && !isLoopback(address)) {
            throw EtlFailure.usage("--token-file: the token would be readable on its way to " + address
                    + ", expected https, or this machine");
        }
        Optional<BearerToken> token = tokenFile.map(file -> BearerToken.read(file, around.here()));
        Optional<SSLContext> trust = caFile.map(file -> Trust.read(file, around.here()));
        return new ControlApi(address, token, trust);
    }

    private static boolean isLoopback(URI address) {
        return LOOPBACK.matcher(String.valueOf(address.getHost()).toLowerCase(Locale.ROOT))
                .matches();
    }

    private URI ofFolder() {
        return stack().flatMap(stack -> stack.addresses().ingestUrl())
                .orElseThrow(() -> EtlFailure.broken(
                        "no stack is up in " + Text.path(data(), around.here()) + "; start one with: ./etl up", null));
    }
}
