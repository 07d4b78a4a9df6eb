package io.tributary.kernel;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the few places that may touch the machine's clock, sleep or randomness directly, because
 * they adapt it to a port. The build forbids those calls everywhere else; the annotation states the
 * reason.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface Adapter {
    /** What is adapted, and to which port. */
    String value();
}
