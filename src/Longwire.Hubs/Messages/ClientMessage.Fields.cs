using System.Runtime.CompilerServices;

namespace Longwire.Hubs;

/// <content>The fields that the hub knows.</content>
internal ref partial struct ClientMessage
{
    // In the order of their numbers; those that most messages have come first.
    private static readonly byte[][] _names =
    [
        "type"u8.ToArray(),
        "room"u8.ToArray(),
        "content"u8.ToArray(),
        "id"u8.ToArray(),
        "afterId"u8.ToArray(),
        "message"u8.ToArray(),
        "token"u8.ToArray(),
        "username"u8.ToArray(),
        "userId"u8.ToArray(),
        "since"u8.ToArray(),
        "before"u8.ToArray(),
        "limit"u8.ToArray(),
        "history"u8.ToArray(),
        "recover"u8.ToArray(),
        "producer"u8.ToArray(),
        "key"u8.ToArray(),
        "version"u8.ToArray(),
        "state"u8.ToArray(),
        "value"u8.ToArray(),
        "map"u8.ToArray(),
        "ifNew"u8.ToArray(),
        "ifVersion"u8.ToArray(),
        "ttlMs"u8.ToArray(),
        "after"u8.ToArray(),
        "presence"u8.ToArray(),
        "metadata"u8.ToArray(),
        "epoch"u8.ToArray(),
        "offset"u8.ToArray(),
        "traceparent"u8.ToArray(),
    ];

    private readonly JsonSlice TypeValue => _values[(int)Field.Type];

    public readonly JsonSlice Room => _values[(int)Field.Room];

    public readonly JsonSlice Content => _values[(int)Field.Content];

    private readonly JsonSlice IdValue => _values[(int)Field.Id];

    private readonly JsonSlice AfterIdValue => _values[(int)Field.AfterId];

    public readonly JsonSlice Message => _values[(int)Field.Message];

    public readonly JsonSlice Token => _values[(int)Field.Token];

    public readonly JsonSlice Username => _values[(int)Field.Username];

    public readonly JsonSlice UserId => _values[(int)Field.UserId];

    public readonly JsonSlice Since => _values[(int)Field.Since];

    public readonly JsonSlice Before => _values[(int)Field.Before];

    public readonly JsonSlice Limit => _values[(int)Field.Limit];

    public readonly JsonSlice History => _values[(int)Field.History];

    public readonly JsonSlice Recover => _values[(int)Field.Recover];

    public readonly JsonSlice Producer => _values[(int)Field.Producer];

    public readonly JsonSlice Key => _values[(int)Field.Key];

    public readonly JsonSlice Version => _values[(int)Field.Version];

    public readonly JsonSlice State => _values[(int)Field.State];

    public readonly JsonSlice Value => _values[(int)Field.Value];

    public readonly JsonSlice Map => _values[(int)Field.Map];

    public readonly JsonSlice IfNew => _values[(int)Field.IfNew];

    public readonly JsonSlice IfVersion => _values[(int)Field.IfVersion];

    public readonly JsonSlice TtlMs => _values[(int)Field.TtlMs];

    public readonly JsonSlice After => _values[(int)Field.After];

    public readonly JsonSlice Presence => _values[(int)Field.Presence];

    public readonly JsonSlice Metadata => _values[(int)Field.Metadata];

    public readonly JsonSlice Epoch => _values[(int)Field.Epoch];

    public readonly JsonSlice Offset => _values[(int)Field.Offset];

    private readonly JsonSlice TraceParentValue => _values[(int)Field.TraceParent];

    private enum Field
    {
        Type,
        Room,
        Content,
        Id,
        AfterId,
        Message,
        Token,
        Username,
        UserId,
        Since,
        Before,
        Limit,
        History,
        Recover,
        Producer,
        Key,
        Version,
        State,
        Value,
        Map,
        IfNew,
        IfVersion,
        TtlMs,
        After,
        Presence,
        Metadata,
        Epoch,
        Offset,
        TraceParent,
        Unknown,
    }

    [InlineArray((int)Field.Unknown + 1)]
    private struct Values
    {
        private JsonSlice _first;
    }
}
