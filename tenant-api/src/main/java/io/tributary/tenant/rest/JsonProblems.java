package io.tributary.tenant.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.tributary.kernel.fault.ParserText;
import io.tributary.kernel.fault.Problem;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Says what is wrong with a JSON body, by the field's name. All are 400. */
final class JsonProblems {
    private JsonProblems() {}

    static Problem of(JacksonException e) {
        return Problem.of(400, message(e));
    }

    private static String message(JacksonException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown -> "Unknown field: " + path(unknown);
            case InvalidNullException missing -> path(missing) + " must not be null.";
            case MismatchedInputException wrong -> expected(path(wrong), wrong.getTargetType());
            case InputCoercionException wrong -> expected("", wrong.getTargetType());
            case JsonMappingException m when m.getCause() instanceof InputCoercionException wrong ->
                    expected(path(m), wrong.getTargetType());
            case JsonMappingException m when m.getCause() instanceof StreamReadException cause ->
                    message(cause);
            case JsonMappingException m when m.getCause() instanceof StreamConstraintsException c ->
                    message(c);
            case JsonMappingException m -> path(m) + " has a wrong value.";
            case StreamConstraintsException _ ->
                    "The body is nested too deep, or a name, text or number in it is too long.";
            default ->
                    "The body is not valid JSON: "
                            + ParserText.plain(e.getOriginalMessage())
                            + at(e)
                            + ".";
        };
    }

    private static String at(JacksonException e) {
        JsonLocation place = e.getLocation();
        return place == null
                ? ""
                : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
    }

    private static String expected(String path, Class<?> type) {
        if (path.isEmpty()) {
            return "The body must be one JSON object and nothing else.";
        }
        return path + " must be " + shape(type) + ".";
    }

    private static String shape(Class<?> type) {
        if (type == null) {
            return "of another type";
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(Object::toString)
                    .collect(Collectors.joining(" or "));
        }
        if (type == String.class) {
            return "a string";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false, without quotes";
        }
        if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
            return "a whole number without quotes, and not too large";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "an array";
        }
        return type.isRecord() || Map.class.isAssignableFrom(type)
                ? "an object"
                : "of another type";
    }

    /** Such as {@code grants[0].topic}; empty for the body itself. */
    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.toString();
    }
}
