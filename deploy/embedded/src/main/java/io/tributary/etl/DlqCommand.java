package io.tributary.etl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.etl.DeadLetters.Letter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "dlq",
        description = {
            "Show the records that the stream has set aside, newest first.",
            "",
            "dlq redrive sends them again, once what was wrong is mended."
        },
        synopsisSubcommandLabel = "[redrive]",
        sortOptions = false)
final class DlqCommand extends Command {
    private static final int MOST_SHOWN = 10_000;

    @Mixin
    private final DeadLetterOptions options = new DeadLetterOptions();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "How many at most, 1 to " + MOST_SHOWN + " (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    DlqCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() {
        if (limit < 1 || limit > MOST_SHOWN) {
            throw EtlFailure.usage("--limit=" + limit + ", expected 1.." + MOST_SHOWN);
        }
        Predicate<Letter> wanted = options.wanted();
        List<Letter> letters = options.open(this).read(wanted);
        List<Letter> newest = new ArrayList<>();
        for (int i = letters.size() - 1; i >= Math.max(0, letters.size() - limit); i--) {
            newest.add(letters.get(i));
        }
        Map<String, Long> counts = byReason(letters);
        print(json(newest, counts), lines(newest, counts));
        return ExitCode.OK;
    }

    static Map<String, Long> byReason(List<Letter> letters) {
        return letters.stream().collect(Collectors.groupingBy(Letter::reason, TreeMap::new, Collectors.counting()));
    }

    private static ObjectNode json(List<Letter> newest, Map<String, Long> counts) {
        ObjectNode json = Json.object();
        counts.forEach(json.putObject("counts")::put);
        ArrayNode list = json.putArray("deadLetters");
        for (Letter letter : newest) {
            list.addObject()
                    .put("topic", letter.topic())
                    .put("partition", letter.partition())
                    .put("offset", letter.offset())
                    .put("reason", letter.reason())
                    .put("message", letter.message())
                    .put("time", letter.time().toString())
                    .put("bytes", letter.value() == null ? 0 : letter.value().length)
                    .put("bytesLeftOut", letter.bytesLeftOut());
        }
        return json;
    }

    private static List<String> lines(List<Letter> newest, Map<String, Long> counts) {
        if (counts.isEmpty()) {
            return List.of("no dead letters");
        }
        Table table = new Table("set aside", "topic", ">partition", ">offset", "reason", "why");
        for (Letter letter : newest) {
            table.row(
                    Report.minute(letter.time().toString()),
                    letter.topic(),
                    letter.partition(),
                    letter.offset(),
                    letter.reason(),
                    letter.message());
        }
        List<String> lines = new ArrayList<>(table.lines());
        lines.add("");
        counts.forEach((reason, count) -> lines.add(Text.count(count) + " " + Text.printable(reason)));
        return lines;
    }
}
