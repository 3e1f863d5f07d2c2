using System.Buffers.Binary;
using System.Diagnostics;

namespace Longwire.Yjs.Tests;

/// <summary>
/// npm's yjs in one Node process, which is asked what it makes of updates; see <c>peers/oracle.js</c>. One caller at a time.
/// </summary>
public sealed class Oracle : IDisposable
{
    private readonly Process _node = Process.Start(
        new ProcessStartInfo("node", [Peers.Script("oracle.js")]) { RedirectStandardInput = true, RedirectStandardOutput = true }
    )!;

    internal IReadOnlyList<Scenario> Scenarios(int first, int count)
    {
        byte[] answer = Ask(new FrameWriter().Number(0).Number(first).Number(count));
        var reader = new FrameReader(answer);
        var scenarios = new List<Scenario>();
        for (int i = 0; i < count; i++)
        {
            scenarios.Add(
                new Scenario(
                    Seed: first + i,
                    IsCanonical: reader.Number() == 1,
                    Documents: reader.Number(),
                    Updates: reader.List(),
                    All: reader.List(),
                    Merged: reader.Bytes(),
                    StateVector: reader.Bytes(),
                    Differences: [.. Enumerable.Range(0, reader.Number()).Select(_ => (reader.Bytes(), reader.Bytes()))]
                )
            );
        }

        return scenarios;
    }

    /// <summary>Whether two updates load to the same document, now and once the rest has come: what differs, or nothing.</summary>
    internal string Compare(byte[] one, byte[] other, IReadOnlyList<byte[]> rest) =>
        new FrameReader(Ask(new FrameWriter().Number(1).Bytes(one).Bytes(other).List(rest))).Text();

    /// <summary>Why yjs can't read an update, or nothing.</summary>
    internal string Judge(byte[] update) => new FrameReader(Ask(new FrameWriter().Number(2).Bytes(update))).Text();

    /// <inheritdoc/>
    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit(TimeSpan.FromSeconds(10));
        _node.Dispose();
    }

    private byte[] Ask(FrameWriter request)
    {
        byte[] frame = request.ToArray();
        byte[] header = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(header, frame.Length);
        Stream input = _node.StandardInput.BaseStream;
        input.Write(header);
        input.Write(frame);
        input.Flush();
        Stream output = _node.StandardOutput.BaseStream;
        output.ReadExactly(header);
        byte[] answer = new byte[BinaryPrimitives.ReadInt32LittleEndian(header)];
        output.ReadExactly(answer);
        return answer;
    }

    /// <summary>Updates of several documents that edit at once, and what npm's yjs makes of them.</summary>
    internal sealed record Scenario(
        int Seed,
        bool IsCanonical,
        int Documents,
        IReadOnlyList<byte[]> Updates,
        IReadOnlyList<byte[]> All,
        byte[] Merged,
        byte[] StateVector,
        IReadOnlyList<(byte[] Vector, byte[] Difference)> Differences
    );
}
