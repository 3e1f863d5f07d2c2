using System.Buffers.Binary;

namespace Longwire.Cli.Playground.Game;

/// <summary>
/// Writes a snapshot as what is different from one that the player is known to have:
/// <code>
/// 4 step | varint how many steps before that the other was; 0: there is none
/// varint number of the last input used | 2 x | 2 y | 2 speed x | 2 speed y | varint score, of the player's own ship
/// entries: varint id less the id before | 1 what follows, by bits; 0: it is gone
///          8 new: 1 kind, 2 x, 2 y, varint worth | 1 x, 2 y, 4 worth: the difference, as a zigzag varint
/// varint 0 | 4 hash of the snapshot
/// </code>
/// Numbers of more than a byte begin with their lowest.
/// </summary>
internal ref struct FrameWriter(Span<byte> buffer)
{
    /// <summary>The most that a frame takes.</summary>
    public const int MaxBytes = 64 + (Snapshot.MaxEntities * 2 * 12);

    private const byte IsX = 1;
    private const byte IsY = 2;
    private const byte IsWorth = 4;
    private const byte IsNew = 8;

    private readonly Span<byte> _buffer = buffer;
    private int _at;
    private int _lastId = -1;

    public static int Write(Span<byte> buffer, Snapshot now, Snapshot? before, Ship own, uint lastInput)
    {
        var writer = new FrameWriter(buffer);
        writer.WriteUInt32((uint)now.Step);
        writer.WriteVarint(before is null ? 0 : (uint)(now.Step - before.Step));
        writer.WriteVarint(lastInput);
        writer.WriteUInt16((ushort)own.X);
        writer.WriteUInt16((ushort)own.Y);
        writer.WriteUInt16((ushort)(short)own.SpeedX);
        writer.WriteUInt16((ushort)(short)own.SpeedY);
        writer.WriteVarint((uint)own.Score);
        writer.WriteDifferences(now.Entities, before is null ? [] : before.Entities);
        writer.WriteVarint(0);
        writer.WriteUInt32(now.Hash);
        return writer._at;
    }

    private void WriteDifferences(ReadOnlySpan<Entity> now, ReadOnlySpan<Entity> before)
    {
        int old = 0;
        foreach (ref readonly Entity entity in now)
        {
            while (old < before.Length && before[old].Id < entity.Id)
            {
                Begin(before[old++].Id, 0);
            }

            // A place of a ship that left may be another one's now.
            if (old == before.Length || before[old].Id != entity.Id)
            {
                WriteNew(entity);
            }
            else if (before[old++] is var earlier && earlier.Kind != entity.Kind)
            {
                WriteNew(entity);
            }
            else if (earlier != entity)
            {
                WriteChanged(entity, earlier);
            }
        }

        while (old < before.Length)
        {
            Begin(before[old++].Id, 0);
        }
    }

    private void WriteNew(in Entity entity)
    {
        Begin(entity.Id, IsNew);
        _buffer[_at++] = (byte)entity.Kind;
        WriteUInt16(entity.X);
        WriteUInt16(entity.Y);
        WriteVarint(entity.Worth);
    }

    private void WriteChanged(in Entity entity, in Entity before)
    {
        int x = entity.X - before.X;
        int y = entity.Y - before.Y;
        int worth = entity.Worth - before.Worth;
        Begin(entity.Id, (byte)((x != 0 ? IsX : 0) | (y != 0 ? IsY : 0) | (worth != 0 ? IsWorth : 0)));
        WriteDifference(x);
        WriteDifference(y);
        WriteDifference(worth);
    }

    private void Begin(ushort id, byte what)
    {
        WriteVarint((uint)(id - _lastId));
        _lastId = id;
        _buffer[_at++] = what;
    }

    private void WriteDifference(int difference)
    {
        if (difference != 0)
        {
            WriteVarint((uint)((difference << 1) ^ (difference >> 31)));
        }
    }

    private void WriteVarint(uint value)
    {
        for (; value > 127; value >>= 7)
        {
            _buffer[_at++] = (byte)(value | 128);
        }

        _buffer[_at++] = (byte)value;
    }

    private void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer[_at..], value);
        _at += sizeof(ushort);
    }

    private void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer[_at..], value);
        _at += sizeof(uint);
    }
}
