using System.Text;
using System.Text.Unicode;
using BenchmarkDotNet.Attributes;
using Longwire.Protocol;

namespace Longwire.Benchmarks;

/// <summary>
/// Checking UTF-8 (RFC 3629) beside a loop over the code points, beside the platform's check of a whole text, and beside copying.
/// </summary>
public class Utf8Benchmarks
{
    private byte[] _text = [];
    private byte[] _copy = [];

    [Params(1024, 65536)]
    public int Bytes { get; set; }

    [Params("ascii", "latin", "chinese", "mixed")]
    public string Text { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        string sample = Text switch
        {
            "ascii" => "The quick brown fox jumps over the lazy dog. ",
            "latin" => "Größenänderungen überprüft, für später notiert; çà et là, où déjà ",
            "chinese" => "敏捷的棕色狐狸跳过了懒狗，然后回家睡觉。",
            _ => "{\"user\":\"Ωμέγα\",\"text\":\"hi 👋 世界 – ok\",\"n\":12345} ",
        };
        _text = new byte[Bytes];
        _copy = new byte[Bytes];
        byte[] bytes = Encoding.UTF8.GetBytes(sample);
        int used = 0;
        for (; used + bytes.Length <= Bytes; used += bytes.Length)
        {
            bytes.CopyTo(_text, used);
        }

        _text.AsSpan(used).Fill((byte)' ');
    }

    [Benchmark(Baseline = true)]
    public bool ScalarLoop()
    {
        ReadOnlySpan<byte> rest = _text;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(rest, out _, out int length) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    [Benchmark]
    public void Memcpy() => _text.CopyTo(_copy, 0);

    [Benchmark]
    public bool PlatformWholeText() => Utf8.IsValid(_text);

    [Benchmark]
    public bool WholeText() => Utf8Validator.IsValid(_text);

    [Benchmark]
    public bool InPartsOf1000()
    {
        var validator = default(Utf8Validator);
        for (int start = 0; start < _text.Length; start += 1000)
        {
            if (!validator.Append(_text.AsSpan(start, Math.Min(1000, _text.Length - start))))
            {
                return false;
            }
        }

        return validator.IsComplete;
    }
}
