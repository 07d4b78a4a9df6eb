package io.tributary.server.option;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a command was given: arguments first, then properties, then environment. */
final class Arguments {
    private final Given given;
    private final Function<String, Optional<String>> properties;
    private final Function<String, Optional<String>> environment;

    private Arguments(
            Given given,
            Function<String, Optional<String>> properties,
            Function<String, Optional<String>> environment) {
        this.given = given;
        this.properties = properties;
        this.environment = environment;
    }

    /**
     * A command of the launcher.
     *
     * @param words how many words that are no options it takes
     */
    record Command(String name, int words) {}

    /** The arguments taken apart: options by name, and the words between them. */
    record Given(Map<String, String> options, List<String> words) {}

    static Arguments read(
            Command command,
            List<Option<?>> known,
            List<String> arguments,
            Function<String, Optional<String>> properties,
            Function<String, Optional<String>> environment) {
        return new Arguments(parse(command, known, arguments), properties, environment);
    }

    /**
     * Takes arguments apart.
     *
     * @throws OptionException an option is unknown or lacks its value, or there are too many words
     */
    static Given parse(Command command, List<Option<?>> known, List<String> arguments) {
        Map<String, String> options = new HashMap<>();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--")) {
                if (words.size() == command.words()) {
                    throw new OptionException(
                            "Unexpected argument '" + argument + "': options begin with --.");
                }
                words.add(argument);
                continue;
            }
            int equals = argument.indexOf('=');
            String name = argument.substring(2, equals < 0 ? argument.length() : equals);
            Option<?> option =
                    known.stream()
                            .filter(o -> o.name().equals(name))
                            .findFirst()
                            .orElseThrow(() -> unknown(command, name));
            Optional<String> next =
                    i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--")
                            ? Optional.of(arguments.get(i + 1))
                            : Optional.empty();
            if (equals >= 0) {
                put(options, option, argument.substring(equals + 1));
            } else if (next.isPresent() && (!option.isFlag() || next.get().matches("true|false"))) {
                put(options, option, next.get());
                i++;
            } else if (option.isFlag()) {
                options.put(name, "true");
            } else {
                throw new OptionException("Option --" + name + " needs a value.");
            }
        }
        return new Given(options, words);
    }

    private static void put(Map<String, String> options, Option<?> option, String value) {
        options.merge(
                option.name(),
                value,
                (before, more) -> option.repeatable() ? before + " " + more : more);
    }

    private static OptionException unknown(Command command, String name) {
        return new OptionException(
                "Unknown option --" + name + ". See ./tributary " + command.name() + " --help.");
    }

    /** The words between the options. */
    List<String> words() {
        return given.words();
    }

    /** An option as it was given: under which of its names, and its value. */
    private record Written(String name, String value) {}

    private Optional<Written> written(Option<?> option) {
        return Optional.ofNullable(given.options().get(option.name()))
                .map(value -> new Written("--" + option.name(), value))
                .or(
                        () ->
                                properties
                                        .apply(option.property())
                                        .map(value -> new Written(option.property(), value)))
                .or(
                        () ->
                                environment
                                        .apply(option.variable())
                                        .map(value -> new Written(option.variable(), value)));
    }

    /** Whether an option was given. */
    boolean has(Option<?> option) {
        return written(option).isPresent();
    }

    /**
     * An option's value.
     *
     * @throws OptionException it cannot be
     */
    <T> T get(Option<T> option) {
        Written written = written(option).orElse(new Written(option.name(), option.byDefault()));
        try {
            return option.parse().apply(written.value());
        } catch (IllegalArgumentException e) {
            throw new OptionException(
                    "Option "
                            + written.name()
                            + " has the value '"
                            + written.value()
                            + "', expected "
                            + e.getMessage()
                            + ".");
        }
    }

    /** Some lines, then options with their defaults, for people. */
    static String help(List<String> lines, List<Option<?>> options) {
        String nl = System.lineSeparator();
        return Stream.concat(
                        lines.stream(),
                        options.stream()
                                .map(
                                        option ->
                                                String.format(
                                                        Locale.ROOT,
                                                        "  --%-26s %s%s",
                                                        option.name(),
                                                        option.description(),
                                                        option.byDefault().isEmpty()
                                                                ? ""
                                                                : " (" + option.byDefault() + ")")))
                .reduce("", (text, line) -> text + line + nl);
    }
}
