package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.embedded.StackFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** What every command has: the folder of the stack, {@code --json}, {@code --help}, and an exit code at the end. */
abstract class Command implements Callable<Integer> {
    @Option(
            names = "--data",
            order = 100,
            paramLabel = "DIR",
            description = "The folder of the stack. Default: .tributary in the project.")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--json", order = 101, description = "One JSON object on standard output, and nothing else there.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            order = 102,
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli acts on it
    private boolean help;

    final Surroundings around;

    Command(Surroundings around) {
        this.around = around;
    }

    @Override
    public final Integer call() throws Exception {
        return execute().code();
    }

    abstract ExitCode execute() throws Exception;

    /** Gives what the command came for, in the form that was asked for. */
    void print(JsonNode object, List<String> lines) {
        if (json) {
            around.print(object);
        } else {
            around.print(lines);
        }
    }

    boolean isJson() {
        return json;
    }

    Path data() {
        return around.here()
                .resolve(data.orElse(around.home().resolve(".tributary")))
                .normalize();
    }

    /** The stack that is up in the data folder, if one is. */
    Optional<StackFile> stack() {
        try {
            return StackFile.read(data()).filter(StackFile::isUp);
        } catch (IOException e) {
            throw EtlFailure.broken("can not read what is up in " + data() + ": " + e.getMessage(), e);
        }
    }

    /** An http or https address with a host, without user or password, which would end up in logs. */
    static URI httpAddress(String option, URI given) {
        if (given.getRawUserInfo() != null) {
            throw EtlFailure.usage(option + " holds a user or a password, expected an address without");
        }
        String scheme = given.getScheme() == null ? "" : given.getScheme().toLowerCase(Locale.ROOT);
        if (given.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw EtlFailure.usage(
                    option + "=" + Text.printable(given.toString()) + ", expected http:// or https:// and a host");
        }
        return given;
    }
}
