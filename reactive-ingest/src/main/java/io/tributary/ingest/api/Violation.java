package io.tributary.ingest.api;

import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatorException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the contract's check found, as a problem that names the field and says, in the contract's words, what was expected.
 * A path or a header is the form of a request, 400; a query or a member can not be that, 422.
 */
final class Violation {
    /** The check names its parameter in its message only. */
    private static final Pattern NAMED =
            Pattern.compile("(?:path|header|query) parameter (\\S+?)(?: is invalid| can't|$)");

    private Violation() {}

    static Problem of(Operation operation, ValidatorException found) {
        Matcher named = NAMED.matcher(
                String.valueOf(found.getMessage()).lines().findFirst().orElse(""));
        if (named.find()) {
            String name = named.group(1);
            return operation.getParameters().stream()
                    .filter(parameter -> parameter.getName().equals(name))
                    .findFirst()
                    .map(Violation::of)
                    .orElseGet(() -> Problem.malformed("a parameter is not of the contract's form"));
        }
        if (found instanceof SchemaValidationException schema) {
            return member(operation, schema.getOutputUnit());
        }
        return Problem.malformed("the request is not of the contract's form");
    }

    static Problem of(Parameter parameter) {
        JsonObject words = parameter.getOpenAPIModel();
        String detail = "expected " + words.getString("description");
        return parameter.getIn() == Location.QUERY
                ? Problem.invalid(parameter.getName(), detail)
                : Problem.malformed(parameter.getName(), detail);
    }

    /** The first member that the check does not let pass; its errors are ordered as the contract is. */
    private static Problem member(Operation operation, OutputUnit found) {
        List<OutputUnit> errors = found.getErrors() == null ? List.of() : found.getErrors();
        JsonObject members = Asked.bodySchema(operation).get("properties");
        return errors.stream()
                .map(error -> error.getInstanceLocation().split("/"))
                .filter(path -> path.length > 1 && members.containsKey(path[1]))
                .map(path -> path[1])
                .findFirst()
                .map(name -> Problem.invalid(
                        name, "expected " + members.getJsonObject(name).getString("description")))
                .orElseGet(() -> Problem.malformed("the body is not of the contract's form"));
    }
}
