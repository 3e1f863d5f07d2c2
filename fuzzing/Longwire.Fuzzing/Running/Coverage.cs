using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Longwire.Fuzzing;

/// <summary>
/// Which branches of Longwire an input takes. SharpFuzz writes a counter for each pair of branches into copies of our assemblies; here
/// they are read in the same process, so that no other fuzzer is needed. With several threads the counters mix: then a path may seem new
/// that is not, which costs a place in the corpus and nothing else.
/// </summary>
internal static unsafe class Coverage
{
    private const int MapBytes = 1 << 16;

    private static readonly string[] _instrumented = ["Longwire.Protocol", "Longwire", "Longwire.Hubs", "Longwire.Yjs"];
    private static readonly byte[] _seen = new byte[MapBytes];
    private static byte* _map;

    /// <summary>Whether these assemblies count.</summary>
    public static bool IsOn => _map is not null;

    /// <summary>How many pairs of branches have been taken since <see cref="Restart"/>.</summary>
    public static int Branches => _seen.Count(classes => classes != 0);

    /// <summary>Writes copies of this program and all it needs into a folder, ours with counters.</summary>
    public static void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        foreach (string assembly in _instrumented)
        {
            _ = SharpFuzz.Fuzzer.Instrument(Path.Combine(folder, assembly + ".dll"), static _ => true, SharpFuzz.Options.Value).Count();
        }
    }

    /// <summary>Called before any of Longwire's code runs: with counters and no map the first branch would crash.</summary>
    public static void Start()
    {
        if (Assembly.Load(_instrumented[0]).GetReferencedAssemblies().Any(reference => reference.Name == "SharpFuzz.Common"))
        {
            _map = (byte*)NativeMemory.AllocZeroed(MapBytes);
            Trace.SharedMem = _map;
        }
    }

    /// <summary>Forgets all that was taken, before another target.</summary>
    public static void Restart() => Array.Clear(_seen);

    /// <summary>Begins to count an input.</summary>
    public static void Begin()
    {
        if (IsOn)
        {
            new Span<byte>(_map, MapBytes).Clear();
            Trace.PrevLocation = 0;
        }
    }

    /// <summary>Whether the input went where none did before, or went there another order of times.</summary>
    public static bool HasNew()
    {
        bool isNew = false;
        if (!IsOn)
        {
            return isNew;
        }

        ReadOnlySpan<ulong> words = new(_map, MapBytes / sizeof(ulong));
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] == 0)
            {
                continue;
            }

            for (int at = word * sizeof(ulong); at < (word + 1) * sizeof(ulong); at++)
            {
                byte magnitude = _map[at] == 0 ? (byte)0 : (byte)(1 << BitOperations.Log2(_map[at]));
                isNew |= (_seen[at] & magnitude) != magnitude;
                _seen[at] |= magnitude;
            }
        }

        return isNew;
    }
}
