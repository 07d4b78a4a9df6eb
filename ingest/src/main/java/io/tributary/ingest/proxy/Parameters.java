package io.tributary.ingest.proxy;

import io.tributary.kernel.fault.Problem;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The parameters of a request; unknown ones are refused by name. */
final class Parameters {
    private Parameters() {}

    /** Those that are given, each once. */
    static Map<String, String> of(RoutingContext request, String... known) {
        Map<String, String> given = new HashMap<>();
        for (Map.Entry<String, String> one : request.queryParams()) {
            if (!List.of(known).contains(one.getKey())) {
                throw Problem.of(400, "Unknown parameter: " + one.getKey()).asException();
            }
            if (given.put(one.getKey(), one.getValue()) != null) {
                throw Problem.of(400, "Give " + one.getKey() + " once.").asException();
            }
        }
        return given;
    }

    /** A whole number; negative or absent for the default. */
    static long number(Map<String, String> given, String name, long byDefault) {
        String text = given.get(name);
        if (text == null) {
            return byDefault;
        }
        try {
            long value = Long.parseLong(text);
            return value < 0 ? byDefault : value;
        } catch (NumberFormatException e) {
            throw Problem.of(400, name + " is not a whole number.").asException();
        }
    }
}
