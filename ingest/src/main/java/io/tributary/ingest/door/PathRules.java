package io.tributary.ingest.door;

/**
 * Which request targets are taken: those that mean the same to every part that looks at them. All
 * our paths are plain, so nothing is decoded, resolved or guessed.
 */
final class PathRules {
    private PathRules() {}

    /** Whether the target's path is as plain as ours are. */
    static boolean plain(String target) {
        if (target.isEmpty() || target.charAt(0) != '/') {
            return false;
        }
        int end = target.indexOf('?');
        int length = end < 0 ? target.length() : end;
        char last = 0;
        for (int i = 0; i < length; i++) {
            char c = target.charAt(i);
            if (!legal(c) || (c == '/' && last == '/')) {
                return false;
            }
            if (c == '/' || i == length - 1) {
                int from = target.lastIndexOf('/', c == '/' ? i - 1 : i) + 1;
                int to = c == '/' ? i : i + 1;
                if (dots(target, from, to)) {
                    return false;
                }
            }
            last = c;
        }
        return length == target.length() || query(target, length);
    }

    private static boolean legal(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '/'
                || c == '-'
                || c == '_'
                || c == '.'
                || c == ':'
                || c == '~';
    }

    private static boolean dots(String target, int from, int to) {
        int length = to - from;
        return (length == 1 || length == 2)
                && target.charAt(from) == '.'
                && target.charAt(to - 1) == '.';
    }

    private static boolean query(String target, int from) {
        for (int i = from; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return true;
    }
}
