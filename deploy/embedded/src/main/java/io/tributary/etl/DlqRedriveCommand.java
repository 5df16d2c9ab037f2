package io.tributary.etl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.etl.DeadLetters.Letter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

@CommandLine.Command(
        name = "redrive",
        description = {
            "Send the bytes of dead letters again, to the topic they came from.",
            "",
            "For once what was wrong is mended: a schema registered, a decoder",
            "deployed. May be repeated: nothing is counted twice, and what still",
            "can not be read is set aside again.",
            ""
        },
        sortOptions = false)
final class DlqRedriveCommand extends Command {
    @Mixin
    private final DeadLetterOptions options = new DeadLetterOptions();

    DlqRedriveCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() {
        Predicate<Letter> wanted = options.wanted();
        DeadLetters dlq = options.open(this);
        List<Letter> letters = dlq.read(wanted);
        List<Letter> whole = letters.stream()
                .filter(letter -> letter.value() != null && !letter.topic().isEmpty() && letter.partition() >= 0)
                .toList();
        int sent = dlq.redrive(distinct(whole));
        int left = letters.size() - whole.size();
        ObjectNode json = Json.object().put("redriven", sent).put("withoutBytes", left);
        List<String> lines = new ArrayList<>();
        lines.add(Text.count(sent) + " dead letters sent again");
        if (left > 0) {
            lines.add(Text.count(left) + " have no bytes to send; etl replay publishes their runs again");
        }
        print(json, lines);
        return ExitCode.OK;
    }

    /** One of the same bytes is enough: what was sent again in vain before is there twice. */
    private static List<Letter> distinct(List<Letter> letters) {
        Map<ByteBuffer, Letter> byValue = new LinkedHashMap<>();
        letters.forEach(letter -> byValue.putIfAbsent(ByteBuffer.wrap(Objects.requireNonNull(letter.value())), letter));
        return List.copyOf(byValue.values());
    }
}
