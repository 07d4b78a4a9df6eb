package io.tributary.server.option;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Options as people write them: {@code --name value} or {@code --name=value}. */
final class CommandLine {
    private CommandLine() {}

    /**
     * The values by the names of their options.
     *
     * @throws OptionException an argument is no option of these, or has no value
     */
    static Map<String, String> parse(List<String> arguments, List<Option<?>> options) {
        Map<String, String> found = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--")) {
                throw new OptionException(
                        "Unexpected argument '" + argument + "': options begin with --.");
            }
            int equals = argument.indexOf('=');
            String name = argument.substring(2, equals < 0 ? argument.length() : equals);
            Option<?> option =
                    options.stream()
                            .filter(o -> o.name().equals(name))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new OptionException(
                                                    "Unknown option --"
                                                            + name
                                                            + ". See ./tributary up --help."));
            if (equals >= 0) {
                found.put(name, argument.substring(equals + 1));
            } else if (i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--")) {
                found.put(name, arguments.get(++i));
            } else if (option.byDefault().equals("false")) {
                found.put(name, "true");
            } else {
                throw new OptionException("Option --" + name + " needs a value.");
            }
        }
        return found;
    }

    /** Options with their defaults, for people. */
    static String help(List<Option<?>> options) {
        String nl = System.lineSeparator();
        return Stream.concat(
                        Stream.of(
                                "Starts the service with every role in one process.",
                                "Each option --some-name can be given as TRIBUTARY_SOME_NAME in"
                                        + " the environment.",
                                ""),
                        options.stream()
                                .map(
                                        option ->
                                                String.format(
                                                        java.util.Locale.ROOT,
                                                        "  --%-26s %s%s",
                                                        option.name(),
                                                        option.description(),
                                                        option.byDefault().isEmpty()
                                                                ? ""
                                                                : " (" + option.byDefault() + ")")))
                .reduce("", (text, line) -> text + line + nl);
    }
}
