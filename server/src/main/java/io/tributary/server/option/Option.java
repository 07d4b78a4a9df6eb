package io.tributary.server.option;

import java.util.Locale;
import java.util.function.Function;

/**
 * One thing a user can set: {@code --name value}, {@code TRIBUTARY_NAME} or {@code
 * -Dtributary.name=value}.
 *
 * @param name without the dashes
 * @param byDefault as it would be written; empty for not set
 * @param parse throws IllegalArgumentException saying what is expected
 * @param repeatable whether it may be given several times; its values then stand together, with
 *     spaces between them, as in the environment
 */
record Option<T>(
        String name,
        String byDefault,
        String description,
        Function<String, T> parse,
        boolean repeatable) {
    /** An option that has one value. */
    Option(String name, String byDefault, String description, Function<String, T> parse) {
        this(name, byDefault, description, parse, false);
    }

    /** How the names of all variables begin. */
    static final String VARIABLES = "TRIBUTARY_";

    /** Whether it needs no value: it is true where it is given. */
    boolean isFlag() {
        return byDefault.equals("false");
    }

    String variable() {
        return VARIABLES + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    String property() {
        return "tributary." + name;
    }
}
