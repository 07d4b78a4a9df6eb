package io.tributary.tenant.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.fault.ProblemJson;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what resources throw into the bodies clients know. */
public class Errors {
    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    @ServerExceptionMapper
    Response map(ProblemException e, HttpHeaders headers) {
        return answer(e.problem(), headers);
    }

    /** Named by itself, since the framework has a mapper of its own for it. */
    @ServerExceptionMapper
    Response map(MismatchedInputException e, HttpHeaders headers) {
        return answer(JsonProblems.of(e), headers);
    }

    @ServerExceptionMapper
    Response map(JacksonException e, HttpHeaders headers) {
        return answer(JsonProblems.of(e), headers);
    }

    @ServerExceptionMapper
    Response map(NotFoundException e, HttpHeaders headers) {
        return answer(Problem.of(404, "HTTP 404 Not Found"), headers);
    }

    @ServerExceptionMapper
    Response map(WebApplicationException e, HttpHeaders headers) {
        if (e.getCause() instanceof JacksonException json) {
            return map(json, headers);
        }
        int status = e.getResponse().getStatus();
        return answer(
                Problem.of(
                        status,
                        "HTTP " + status + " " + e.getResponse().getStatusInfo().getReasonPhrase()),
                headers);
    }

    @ServerExceptionMapper
    Response map(IOException e, HttpHeaders headers) {
        LOG.warn("metadata could not be reached problem={}", e.toString());
        return answer(
                Problem.retryLater(
                        503, "The service cannot answer right now.", Duration.ofSeconds(1)),
                headers);
    }

    @ServerExceptionMapper
    Response map(RuntimeException e, HttpHeaders headers) {
        LOG.error("request failed", e);
        return answer(Problem.of(500, "Internal server error"), headers);
    }

    private static Response answer(Problem problem, HttpHeaders headers) {
        boolean rfc9457 = ProblemJson.wanted(headers.getHeaderString(HttpHeaders.ACCEPT));
        Response.ResponseBuilder response =
                Response.status(problem.status())
                        .type(rfc9457 ? ProblemJson.PROBLEM_JSON : ProblemJson.JSON)
                        .entity(ProblemJson.body(problem, rfc9457));
        problem.retryAfter()
                .ifPresent(
                        after ->
                                response.header(
                                        HttpHeaders.RETRY_AFTER,
                                        Math.max(1, after.plusMillis(999).toSeconds())));
        if (problem.status() == 401) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"tributary\", Bearer");
        }
        return response.build();
    }
}
