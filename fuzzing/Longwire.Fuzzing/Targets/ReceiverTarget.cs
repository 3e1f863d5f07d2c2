namespace Longwire.Fuzzing;

/// <summary>
/// The receiver (RFC 6455 §5, RFC 7692 §6): streams of frames from a grammar, damaged before and after framing, for both roles, with
/// and without permessage-deflate, beside the naive receiver.
/// </summary>
/// <remarks>
/// Legal outcomes: the naive receiver's events, however the stream is cut, one by one the same; among them at most one error or Close,
/// which is the last. A compressed message that is not one may be refused before its last byte has come, as soon as it is certain: with
/// the error of what comes first in it. Where the peer breaks the agreed window, what is found depends on what zlib still has; then only
/// the rules below hold. Never: an exception, input left over, an event behind the end, memory beyond what has come, a leak of native
/// memory.
/// </remarks>
internal sealed class ReceiverTarget : FuzzTarget
{
    private const int HeaderBytes = 8;

    private static readonly string _bad = Transcript.Error(ProtocolErrors.BadDeflateData);
    private static readonly string _big = Transcript.Error(ProtocolErrors.MessageTooBig);
    private static readonly string _text = Transcript.Error(ProtocolErrors.TextNotUtf8);

    private readonly DeflatePool _pool = new(new DeflateBudget(), maxIdleDeflaters: 0, maxIdleInflaters: 2);

    public override string Name => "receiver";

    public override byte[] Generate(Random random)
    {
        byte[] header = random.Bytes(HeaderBytes);
        header[2] = (byte)random.Next(6);
        header[5] = (byte)(random.Next(3) == 0 ? random.Next(1, 8) : 0);
        var setup = new ReceiverSetup(header);
        return [.. header, .. new FrameGrammar(setup.Role, setup.Deflate, setup.Takeover, setup.WindowBits, random).Stream()];
    }

    public override string Check(byte[] input)
    {
        var setup = new ReceiverSetup(input);
        byte[] stream = input.Length > HeaderBytes ? input[HeaderBytes..] : [];
        var random = new Random(setup.SplitSeed);
        var oracle = new NaiveInflater();
        List<string> expected = NaiveReceiver.Transcript(setup.Role, stream, setup.Limits, setup.Deflate ? oracle : null, setup.Takeover);
        bool beyondWindow = oracle.MaxDistanceEver > 1 << setup.WindowBits;

        List<string> whole = Read(setup, [stream]);
        foreach (
            IEnumerable<byte[]> pieces in (IEnumerable<byte[]>[])
                [stream.Select(value => new[] { value }), Splits.Random(stream, random), Splits.Random(stream, random)]
        )
        {
            List<string> found = Read(setup, pieces);
            Require(beyondWindow || whole.SequenceEqual(found), $"The cut changes what is found: {Show(whole)} | {Show(found)}");
        }

        Require(
            beyondWindow || IsLegal(whole, expected, setup.Deflate),
            $"Not what the naive receiver finds: {Show(whole)} | {Show(expected)}"
        );
        if (!setup.Deflate)
        {
            byte[] beginning = stream[..random.Next(stream.Length + 1)];
            List<string> found = Read(setup, [beginning]);
            List<string> naive = NaiveReceiver.Transcript(setup.Role, beginning, setup.Limits);
            Require(found.SequenceEqual(naive), $"A beginning is not judged as the naive receiver does: {Show(found)} | {Show(naive)}");
        }

        CheckMemory(setup, stream, random);
        return Outcome(setup, whole);
    }

    public override void Dispose()
    {
        _pool.Dispose();
        base.Dispose();
    }

    private List<string> Read(ReceiverSetup setup, IEnumerable<byte[]> pieces)
    {
        using PerMessageDeflate? deflate = setup.CreateDeflate(_pool);
        var receiver = new MessageReceiver(setup.Role, setup.Limits, deflate);
        var found = new List<string>();
        foreach (byte[] piece in pieces)
        {
            Transcript.Feed(ref receiver, piece, found);
        }

        receiver.End();
        Transcript.Feed(ref receiver, [0x81, 0x00], found);
        Require(!receiver.IsInsideMessage, "An ended receiver waits for more");
        int last = found.FindIndex(line =>
            line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Close", StringComparison.Ordinal)
        );
        Require(last < 0 || last == found.Count - 1, $"Something follows the end: {Show(found)}");
        return found;
    }

    private static bool IsLegal(List<string> found, List<string> expected, bool deflate)
    {
        if (found.SequenceEqual(expected))
        {
            return true;
        }

        int common = found.Count - 1;
        if (
            !deflate
            || common < 0
            || !IsInflating(found[common])
            || expected.Count < common
            || !found.Take(common).SequenceEqual(expected.Take(common))
        )
        {
            return false;
        }

        // The message that was refused never comes in the naive receiver's list.
        List<string> rest = [.. expected.Skip(common)];
        if (rest.Any(line => line.StartsWith("Text", StringComparison.Ordinal) || line.StartsWith("Binary", StringComparison.Ordinal)))
        {
            return false;
        }

        // That it is no text tells the naive receiver of a message that is complete and not damaged. Too big may be a frame behind the
        // damage.
        return found[common] == _text || rest.Count == 0 || rest[^1] != _text;
    }

    private static bool IsInflating(string line) => line == _bad || line == _big || line == _text;

    // The lengths that headers announce must not be reserved: a gibibyte is allowed in a part of the runs.
    private void CheckMemory(ReceiverSetup setup, byte[] stream, Random random)
    {
        IReadOnlyList<byte[]> pieces = Splits.Random(stream, random);
        using PerMessageDeflate? deflate = setup.CreateDeflate(_pool);
        var receiver = new MessageReceiver(setup.Role, setup.Limits, deflate);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte[] piece in pieces)
        {
            Span<byte> rest = piece;
            while (receiver.Read(ref rest, out _) != ReceivedKind.Nothing) { }
        }

        receiver.End();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Require(
            allocated <= (1 << 20) + (4L * stream.Length * (setup.Deflate ? 1100 : 1)),
            $"Too much memory: {allocated} bytes for {stream.Length}"
        );
        deflate?.Dispose();
        long atRest = 2L * MessageInflater.MemoryBytes;
        Require(_pool.Budget.UsedBytes <= atRest, $"Native memory leaks: {_pool.Budget.UsedBytes} bytes");
    }

    private static string Outcome(ReceiverSetup setup, List<string> found)
    {
        IEnumerable<string> kinds = found.Select(line => line.StartsWith("Error", StringComparison.Ordinal) ? line : line.Split(' ')[0]);
        return $"{setup.Role} {(setup.Deflate ? setup.Takeover ? "takeover" : "deflate" : "plain")} {string.Join(' ', kinds.Take(6))}";
    }

    private static string Show(List<string> lines) => string.Join("; ", lines.TakeLast(4));
}
