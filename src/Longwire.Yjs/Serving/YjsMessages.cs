namespace Longwire.Yjs;

/// <summary>
/// The messages of y-websocket, y-protocols' framing: a type; of sync also a kind; then a byte string.
/// </summary>
internal static class YjsMessages
{
    public const int Sync = 0;
    public const int Awareness = 1;
    public const int Authentication = 2;
    public const int QueryAwareness = 3;

    public const int Step1 = 0;
    public const int Step2 = 1;
    public const int Update = 2;

    /// <summary>
    /// The room before a payload for the header that belongs to <see cref="Frame"/>: a type, a kind and a length of up to five bytes.
    /// </summary>
    public const int Room = 7;

    private const int PermissionDenied = 0;

    /// <summary>Tells nobody anything, but that the server is alive: clients leave one that says nothing for long.</summary>
    public static PreparedMessage Alive { get; } = new([Awareness, 1, 0], MessageType.Binary);

    public static PreparedMessage EmptyStep2 { get; } = new([Sync, Step2, 2, 0, 0], MessageType.Binary);

    /// <summary>Frames a sync message.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="withRoom">The payload behind <see cref="Room"/> bytes.</param>
    public static PreparedMessage FrameSync(int kind, byte[] withRoom) => Frame([Sync, (byte)kind], withRoom);

    public static PreparedMessage FrameAwareness(byte[] withRoom) => Frame([Awareness], withRoom);

    public static PreparedMessage Denied(string reason)
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes(reason);
        byte[] withRoom = new byte[Room + text.Length];
        text.CopyTo(withRoom, Room);
        return Frame([Authentication, PermissionDenied], withRoom);
    }

    // The head goes directly before the payload, so that nothing is moved.
    private static PreparedMessage Frame(ReadOnlySpan<byte> head, byte[] withRoom)
    {
        int length = withRoom.Length - Room;
        int start = Room - head.Length - Lib0Writer.LengthOf(length);
        var writer = new Lib0Writer(withRoom.AsSpan(start));
        writer.WriteBytes(head);
        writer.WriteVarUint(length);
        return new PreparedMessage(withRoom.AsSpan(start), MessageType.Binary);
    }
}
