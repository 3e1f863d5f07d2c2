using System.Buffers.Binary;
using Longwire.Cli.Playground.Game;

namespace Longwire.Cli.Tests;

/// <summary>Puts snapshots together again as a player does: an oracle of its own, with sorted dictionaries.</summary>
internal sealed class GameFrameReader
{
    private readonly Dictionary<int, SortedDictionary<ushort, Entity>> _known = [];
    private byte[] _frame = [];
    private int _at;

    public int Newest { get; private set; }

    public Entity[] Entities => [.. _known[Newest].Values];

    public bool TryRead(ReadOnlySpan<byte> frame, out uint hash)
    {
        _frame = frame.ToArray();
        _at = 0;
        int step = (int)UInt32();
        int age = Varint();
        hash = 0;
        if (age > 0 && !_known.ContainsKey(step - age))
        {
            return false;
        }

        SortedDictionary<ushort, Entity> entities = age == 0 ? [] : new(_known[step - age]);
        Varint();
        _at += 8;
        Varint();
        int id = -1;
        for (int more = Varint(); more != 0; more = Varint())
        {
            id += more;
            Change(entities, (ushort)id, _frame[_at++]);
        }

        hash = UInt32();
        Assert.Equal(_frame.Length, _at);
        _known[step] = entities;
        Newest = step;
        return true;
    }

    private void Change(SortedDictionary<ushort, Entity> entities, ushort id, byte what)
    {
        if (what == 0)
        {
            Assert.True(entities.Remove(id));
        }
        else if (what == 8)
        {
            entities[id] = new Entity(id, (EntityKind)_frame[_at++], UInt16(), UInt16(), (ushort)Varint());
        }
        else
        {
            Entity before = entities[id];
            entities[id] = before with
            {
                X = (ushort)(before.X + ((what & 1) != 0 ? Difference() : 0)),
                Y = (ushort)(before.Y + ((what & 2) != 0 ? Difference() : 0)),
                Worth = (ushort)(before.Worth + ((what & 4) != 0 ? Difference() : 0)),
            };
        }
    }

    private ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(_frame.AsSpan((_at += 2) - 2));

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(_frame.AsSpan((_at += 4) - 4));

    private int Varint()
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = _frame[_at++];
            value |= (next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }
    }

    private int Difference() => Varint() is var value ? (value >> 1) ^ -(value & 1) : 0;
}
