package io.tributary.log;

import java.io.IOException;

/** No ledger has this id: it was deleted, or never made in this store. */
public final class LedgerMissingException extends IOException {
    private static final long serialVersionUID = 1L;

    public LedgerMissingException(long ledgerId, String where) {
        super("ledger " + ledgerId + " is not in " + where);
    }
}
