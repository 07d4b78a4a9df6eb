package io.tributary.kernel.fault;

/**
 * Carries a {@link Problem} to the edge that answers it. Has no stack trace: it is an answer, not a
 * defect.
 */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.message(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
