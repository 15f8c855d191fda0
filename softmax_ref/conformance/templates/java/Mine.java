// A softmax in Java for softmax-ref to judge: a request a line on standard input, an answer a line on standard output.
// build: javac Mine.java
// check: softmax-ref check --command "java -cp . Mine"
import java.io.*;
import java.util.*;
import java.util.stream.*;

public class Mine {
    // Your softmax here: logits to probabilities, one method a format.
    static float[] softmax(float[] z) {
        float m = Float.NEGATIVE_INFINITY, s = 0;
        float[] y = new float[z.length];
        for (float x : z) m = Math.max(m, x);
        for (int i = 0; i < z.length; i++) s += y[i] = (float) Math.exp(z[i] - m);
        for (int i = 0; i < z.length; i++) y[i] /= s;
        return y;
    }

    static double[] softmax(double[] z) {
        double m = Double.NEGATIVE_INFINITY, s = 0;
        double[] y = new double[z.length];
        for (double x : z) m = Math.max(m, x);
        for (int i = 0; i < z.length; i++) s += y[i] = Math.exp(z[i] - m);
        for (int i = 0; i < z.length; i++) y[i] /= s;
        return y;
    }

    // The rest is the protocol. The value of a key as text; each key that is asked for occurs once, or means the same.
    static String value(String line, String key) {
        int at = line.indexOf('"' + key + '"');
        if (at < 0) return "";
        String rest = line.substring(at + key.length() + 2).replaceFirst("^[ :]+", "");
        if (rest.startsWith("[")) return rest.substring(1, rest.indexOf(']')).replaceAll("[ \"]", "");
        return rest.split("[,}]", 2)[0].replaceAll("[ \"]", "");
    }

    static Stream<String> entries(String line, String key) {
        return Arrays.stream(value(line, key).split(",")).filter(entry -> !entry.isEmpty());
    }

    // A row of n patterns, `step` apart, becomes floats, and those of the result take its place.
    static void row(long[] bits, int start, int step, int n, boolean single) {
        float[] z32 = new float[n];
        double[] z64 = new double[n];
        for (int i = 0; i < n; i++) z64[i] = Double.longBitsToDouble(bits[start + i * step]);
        for (int i = 0; i < n; i++) z32[i] = Float.intBitsToFloat((int) bits[start + i * step]);
        float[] y32 = single ? softmax(z32) : null;
        double[] y64 = single ? null : softmax(z64);
        for (int i = 0; i < n; i++)
            bits[start + i * step] = single ? Float.floatToIntBits(y32[i]) : Double.doubleToLongBits(y64[i]);
    }

    static String run(String line, boolean single) {
        int[] shape = entries(line, "shape").mapToInt(Integer::parseInt).toArray();
        int axis = Math.floorMod(Integer.parseInt(value(line, "axis")), Math.max(shape.length, 1));
        int n = shape.length == 0 ? 1 : shape[axis];
        int step = Arrays.stream(shape).skip(axis + 1).reduce(1, (a, b) -> a * b);
        int width = single ? 8 : 16; // digits of a pattern
        long[] bits = entries(line, "bits")
            .mapToLong(x -> Long.parseUnsignedLong(x.substring(x.length() - width), 16)).toArray();
        for (int k = 0; k < bits.length; k++) if (k / step % n == 0) row(bits, k, step, n, single);
        Stream<String> y = Arrays.stream(bits).mapToObj(b -> HexFormat.of().toHexDigits(b, width));
        return "\"y\": [" + y.map(x -> "\"0x" + x + "\"").collect(Collectors.joining(", ")) + "]";
    }

    static String answer(String line) {
        String asked = value(line, "function") + " in " + value(line, "format");
        boolean single = asked.equals("softmax in binary32"), known = single || asked.equals("softmax in binary64");
        if (value(line, "op").equals("start"))
            return "\"name\": \"Mine.java\", \"functions\": [\"softmax\"], \"formats\": [\"binary32\", \"binary64\"]";
        return "\"seq\": " + value(line, "seq") + ", " + (known ? run(line, single) : "\"skipped\": \"not offered\"");
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null && !value(line, "op").equals("stop"); System.out.flush())
            System.out.println("{" + answer(line) + "}");
    }
}
