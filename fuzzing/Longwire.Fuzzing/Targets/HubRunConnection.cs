using System.Text;

namespace Longwire.Fuzzing;

/// <summary>The hub's end of a connection of which the run is the network: what is sent waits until a step delivers it.</summary>
internal sealed class HubRunConnection(HubFault fault) : HubLink
{
    private const int MaxBytes = 8 * 1024;

    // For the fault that it would be to lose messages instead of closing.
    private const int FullBytes = 1_000;

    private readonly Queue<byte[]> _down = new();
    private byte[]? _swapped;
    private bool _isResumed;
    private bool _isFaultDone;
    private int _bytes;

    public CloseStatus? Ended { get; private set; }

    /// <summary>The bytes that the client has sent and the server has not received.</summary>
    public Queue<string> Up { get; } = new();

    public int Waiting
    {
        get
        {
            lock (_down)
            {
                return _down.Count;
            }
        }
    }

    public override string Transport => "test";

    public override TimeSpan PingInterval => Timeout.InfiniteTimeSpan;

    public override int MaxMessageBytes => int.MaxValue;

    public override bool IsOpen => Ended is null;

    public override bool TrySend(ReadOnlySpan<byte> json) => TrySend(Encoding.UTF8.GetString(json));

    public override bool TrySend(PreparedMessage message, in SendOptions options) => TrySend(Encoding.UTF8.GetString(message.Payload.Span));

    public bool TryTake(out byte[] message)
    {
        lock (_down)
        {
            bool taken = _down.TryDequeue(out message!);
            _bytes -= taken ? message.Length : 0;
            return taken;
        }
    }

    protected override void StartClosing(CloseStatus status, string reason) => Ended ??= status;

    private bool TrySend(string json)
    {
        lock (_down)
        {
            return TrySendLocked(json);
        }
    }

    private bool TrySendLocked(string json)
    {
        if (!IsOpen)
        {
            return false;
        }

        if (_bytes + json.Length > MaxBytes)
        {
            return false;
        }

        foreach (string sent in WithFault(json))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(sent);
            _bytes += bytes.Length;
            _down.Enqueue(bytes);
        }

        return true;
    }

    private IEnumerable<string> WithFault(string json)
    {
        bool isMessage = json.StartsWith("{\"type\":\"message\"", StringComparison.Ordinal);
        _isResumed |= json.Contains("\"resumed\":true", StringComparison.Ordinal);
        switch (fault)
        {
            case HubFault.OtherSessionAfterResume when json.Contains("\"resumed\":true", StringComparison.Ordinal):
                return [json.Replace("\"clientId\":\"", "\"clientId\":\"x", StringComparison.Ordinal)];
            case HubFault.FalselyRecovered:
                return [json.Replace("\"recovered\":false", "\"recovered\":true", StringComparison.Ordinal)];
            case HubFault.NeverRecovered:
                return [json.Replace("\"recovered\":true", "\"recovered\":false", StringComparison.Ordinal)];
            case HubFault.SwallowedReset when json.StartsWith("{\"type\":\"room-reset\"", StringComparison.Ordinal):
                return [];
            case HubFault.DroppedWhenFull when isMessage && _bytes > FullBytes:
                return [];
            case HubFault.DroppedDirect when json.StartsWith("{\"type\":\"direct\"", StringComparison.Ordinal) && !_isFaultDone:
                _isFaultDone = true;
                return [];
            case HubFault.DroppedAfterResume when isMessage && _isResumed && !_isFaultDone:
                _isFaultDone = true;
                return [];
            case HubFault.DeliveredTwice when isMessage && !_isFaultDone:
                _isFaultDone = true;
                return [json, json];
            case HubFault.ChangedContent when isMessage && !_isFaultDone:
                _isFaultDone = true;
                return [json.Replace("\"message\":\"", "\"message\":\"x", StringComparison.Ordinal)];
            case HubFault.MapAhead:
                const string Ahead = "\"entries\":[{\"key\":\"k1\",\"value\":1,\"version\":1000000}";
                return
                [
                    json.Replace("\"entries\":[{", $"{Ahead},{{", StringComparison.Ordinal)
                        .Replace("\"entries\":[]", $"{Ahead}]", StringComparison.Ordinal),
                ];
            case HubFault.FalselyWhole:
                return [json.Replace("\"whole\":false", "\"whole\":true", StringComparison.Ordinal)];
            case HubFault.ChangedValue when json.StartsWith("{\"type\":\"map-changed\"", StringComparison.Ordinal):
                return [json.Replace("\"value\":\"", "\"value\":\"x", StringComparison.Ordinal)];
            case HubFault.DroppedDifference when json.StartsWith("{\"type\":\"presence-changed\"", StringComparison.Ordinal):
            case HubFault.SwallowedPresenceReset when json.StartsWith("{\"type\":\"presence-reset\"", StringComparison.Ordinal):
                return [];
            case HubFault.ReorderedPair when isMessage && !_isFaultDone:
                (string? first, _swapped) = (_swapped is null ? null : Encoding.UTF8.GetString(_swapped), Encoding.UTF8.GetBytes(json));
                _isFaultDone = first is not null;
                return first is null ? [] : [json, first];
            default:
                return [json];
        }
    }
}
