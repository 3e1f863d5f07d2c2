using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Longwire.Conformance;

namespace Longwire.Interop.Tests.Endings;

/// <summary>
/// One random end on real sockets: a peer, spoken by hand, that sends numbered messages, reads slowly or late, and then closes, ends its
/// direction, or resets; an application that reads and answers them, and may close by itself. The messages that must have arrived follow
/// from what was done alone.
/// </summary>
internal sealed class RandomEnding
{
    private readonly Random _random;
    private readonly string _id;
    private readonly int _messages;
    private readonly int _closesBehind;
    private readonly Way _way;
    private readonly bool _isSlow;
    private readonly int _size;

    public RandomEnding(int seed)
    {
        _random = new Random(seed);
        _id = seed.ToString(CultureInfo.InvariantCulture);
        _way = _random.GetItems(Enum.GetValues<Way>(), 1)[0];
        _messages = _random.Next(1, 60);
        _closesBehind = _way == Way.ApplicationCloses ? _random.Next(1, _messages + 1) : int.MaxValue;
        _isSlow = _random.Next(3) == 0;
        _size = _random.Next(4) == 0 ? _random.Next(20_000) : _random.Next(200);
    }

    private enum Way
    {
        Close,
        CloseAndEnd,
        End,
        Reset,
        ApplicationCloses,
    }

    /// <summary>The application's side: the first message says who the peer is and behind how many messages to close.</summary>
    public static async Task ServeAsync(WebSocketConnection socket, ConcurrentDictionary<string, Seen> seen)
    {
        int count = 0;
        bool inOrder = true;
        string id = "";
        int closesBehind = 0;
        try
        {
            await foreach (WebSocketMessage message in socket.ReadAllAsync(CancellationToken.None))
            {
                string[] words = message.Text.Split(' ');
                if (id.Length == 0)
                {
                    (id, closesBehind) = (words[1], int.Parse(words[2], CultureInfo.InvariantCulture));
                    continue;
                }

                count++;
                inOrder &= words[0] == count.ToString(CultureInfo.InvariantCulture);
                if (count <= closesBehind)
                {
                    await socket.SendAsync(message.Payload, MessageType.Text, CancellationToken.None);
                }

                if (count == closesBehind)
                {
                    socket.TryClose((CloseStatus)4000);
                }
            }
        }
        finally
        {
            _ = socket.Completion.ContinueWith(
                _ => seen.GetOrAdd(id, static _ => new()).Done.TrySetResult((count, inOrder, (int?)socket.CloseStatus ?? 0)),
                TaskScheduler.Default
            );
        }
    }

    /// <returns>The fault, or null.</returns>
    public async Task<string?> PlayAsync(Peer peer, ConcurrentDictionary<string, Seen> seen)
    {
        peer.Habits = _way == Way.ApplicationCloses ? SuiteHabits.LeavesCloseUnanswered : SuiteHabits.None;
        if (_isSlow)
        {
            // It reads 4 KiB at a time, whatever the rate: a lower one would only wait.
            peer.ReadSlowly(Math.Max(8192, _messages * (_size + 8)));
        }
        else if (_random.Next(3) == 0)
        {
            peer.PauseReading();
            _ = Task.Delay(_random.Next(200)).ContinueWith(_ => peer.ResumeReading(), TaskScheduler.Default);
        }

        await peer.SendAsync(WireFrame.OfText($"who {_id} {_closesBehind.ToString(CultureInfo.InvariantCulture)}"));
        WireFrame[] frames = [.. Enumerable.Range(1, _messages).Select(i => WireFrame.OfText(Text(i)))];
        await EndAsync(peer, frames);
        if (_way != Way.Reset)
        {
            await EndingRow.UntilAsync(peer, () => peer.HasEnded);
        }

        (int read, bool inOrder, int status) = await seen.GetOrAdd(_id, static _ => new()).Done.Task.WaitAsync(Patience.Long);
        string[] answers = [.. peer.Events.Select(answer => Encoding.UTF8.GetString(answer.Payload))];
        bool answersInOrder = answers.SequenceEqual(Enumerable.Range(1, answers.Length).Select(Text));
        string what =
            $"{_way} {_closesBehind} behind {_messages} × {_size}{(_isSlow ? ", slow" : "")}: read {read} ({status}){(inOrder ? "" : " out of order")}, {answers.Length} answers{(answersInOrder ? "" : " out of order")}, Close {peer.CloseCode}, "
            + (peer.Ending == PeerEnding.ByReset ? "reset" : "ended");
        bool right =
            inOrder
            && answersInOrder
            && _way switch
            {
                Way.Close or Way.CloseAndEnd => read == _messages
                    && answers.Length == _messages
                    && peer.CloseCode == 1000
                    && status == 1000,
                Way.End => read == _messages && answers.Length == _messages && !peer.CloseReceived && status == 1006,
                Way.Reset => read <= _messages && status == 1006,
                // The peer answers the Close with its own status, whatever else it still sends.
                _ => read >= _closesBehind
                    && read <= _messages
                    && answers.Length == _closesBehind
                    && peer.CloseCode == 4000
                    && status == 4000,
            }
            && (_way == Way.Reset || peer.Ending != PeerEnding.ByReset);
        return right ? null : what;
    }

    private async Task EndAsync(Peer peer, WireFrame[] frames)
    {
        int first = _random.Next(frames.Length + 1);
        await peer.SendAsync(frames[..first], _random.Next(3) == 0 ? Chops.Of(_random.Next(1, 200)) : Chops.Whole);
        WireFrame[] rest = frames[first..];
        switch (_way)
        {
            case Way.Close:
                await peer.SendAsync([.. rest, WireFrame.OfClose(1000)]);
                break;
            case Way.CloseAndEnd:
                await peer.SendAndEndAsync([.. rest, WireFrame.OfClose(1000)]);
                break;
            case Way.End:
                await peer.SendAndEndAsync(rest);
                break;
            case Way.Reset:
                // Not before the application has read who the peer is.
                await peer.SendAsync(rest[..((rest.Length + 1) / 2)]);
                await EndingRow.UntilAsync(peer, () => peer.EventCount > 0);
                await Task.Delay(_random.Next(20));
                await peer.ResetAsync();
                break;
            default:
                // A peer sends nothing behind its Close, so that waits for what it is still sending.
                await peer.SendAsync(rest);
                await EndingRow.UntilAsync(peer, () => peer.CloseReceived);
                await peer.SendAsync(WireFrame.OfClose(4000));
                break;
        }
    }

    private string Text(int number) => $"{number.ToString(CultureInfo.InvariantCulture)} {new string('.', _size)}";

    /// <summary>The application's observations of one connection.</summary>
    internal sealed class Seen
    {
        public TaskCompletionSource<(int Read, bool InOrder, int Status)> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
