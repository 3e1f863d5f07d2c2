using System.Buffers.Binary;

namespace Longwire.Cli.Playground.Game;

/// <summary>A player: the ship, the inputs that wait for their step, and the snapshots that the page may know.</summary>
internal sealed class Pilot(Ship ship)
{
    // About a second: what was shown earlier is not needed any more, since a page that is further behind gets everything.
    private const int Remembered = 64;

    // More than waits at a bad connection. Inputs that come faster than the world steps are left out, the oldest first: nobody is faster.
    private const int MaxInputs = 20;
    private const int HeaderBytes = 2 * sizeof(uint);

    private readonly Snapshot[] _shown = [.. Enumerable.Range(0, Remembered).Select(static _ => new Snapshot())];
    private readonly Queue<byte> _inputs = new();
    private uint _newestInput;
    private int _known;

    public Ship Ship { get; } = ship;

    /// <summary>The number of the last input that a step has used, or that was left out.</summary>
    public uint LastInput => _newestInput - (uint)_inputs.Count;

    /// <summary>
    /// Takes <c>4 step known | 4 number of the first input | a byte for each input</c>. Other messages are ignored.
    /// </summary>
    public void Take(ReadOnlySpan<byte> message)
    {
        if (message.Length is < HeaderBytes or > HeaderBytes + MaxInputs)
        {
            return;
        }

        _known = (int)(BinaryPrimitives.ReadUInt32LittleEndian(message) & int.MaxValue);
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(message[sizeof(uint)..]);
        foreach (byte keys in message[HeaderBytes..])
        {
            // A page that was loaded again counts anew.
            if (number == 1)
            {
                _inputs.Clear();
                _newestInput = 0;
            }

            if (number > _newestInput)
            {
                _newestInput = number;
                _inputs.Enqueue((byte)(keys & 15));
            }

            number++;
        }

        while (_inputs.Count > MaxInputs)
        {
            _inputs.Dequeue();
        }
    }

    /// <summary>Uses one input. Without one the ship keeps its course.</summary>
    public void Steer()
    {
        if (_inputs.TryDequeue(out byte keys))
        {
            Ship.Keys = keys;
        }
    }

    /// <summary>The player's connection was lost: no key is held, and the page is shown everything when it is back.</summary>
    public void Forget()
    {
        _inputs.Clear();
        _known = 0;
        Ship.Keys = 0;
    }

    /// <summary>Writes the frame of this step.</summary>
    public int WriteFrame(World world, Span<byte> buffer)
    {
        Snapshot now = _shown[world.StepNumber % Remembered];
        Snapshot before = _shown[_known % Remembered];
        bool isKnown = _known > 0 && before.Step == _known && before != now;
        now.Take(world, Ship);
        return FrameWriter.Write(buffer, now, isKnown ? before : null, Ship, LastInput);
    }
}
