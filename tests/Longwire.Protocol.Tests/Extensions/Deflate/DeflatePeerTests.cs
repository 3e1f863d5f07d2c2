using System.Diagnostics;
using System.Text;

namespace Longwire.Protocol.Tests;

/// <summary>
/// Another zlib at the other end: Python's, which is the original and not zlib-ng. Both read what the other compresses, with every
/// window, level and memory level.
/// </summary>
public sealed class DeflatePeerTests
{
    // Lines "windowBits level memoryLevel takeover payload": each payload is inflated, and the message compressed again and sent back.
    // The compressor and the decompressor live as long as the settings stay the same and takeover is 1.
    private const string Peer = """
        import sys, zlib
        last = None
        for line in sys.stdin:
            bits, level, memory, takeover, payload = line.split(' ')
            settings = (bits, level, memory)
            if takeover == '0' or settings != last:
                last = settings
                inflater = zlib.decompressobj(-int(bits))
                deflater = zlib.compressobj(int(level), zlib.DEFLATED, -int(bits), int(memory))
            message = inflater.decompress(bytes.fromhex(payload.strip()) + b'\x00\x00\xff\xff')
            back = deflater.compress(message) + deflater.flush(zlib.Z_SYNC_FLUSH)
            assert back.endswith(b'\x00\x00\xff\xff')
            print(message.hex(), (back[:-4] or b'\x00').hex(), flush=True)
        """;

    [Fact]
    public void The_original_zlib_and_ours_read_each_other_in_every_setting()
    {
        using Process python = Process.Start(
            new ProcessStartInfo("python3", ["-c", Peer])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                StandardInputEncoding = Encoding.ASCII,
            }
        )!;
        int setting = 0;
        Seeded.Run(
            70,
            random =>
            {
                ReadEachOther(python, windowBits: 9 + setting / 10, level: setting % 10, random);
                setting++;
            }
        );
        python.StandardInput.Close();
        python.WaitForExit();
        Assert.Equal(0, python.ExitCode);
    }

    private static void ReadEachOther(Process python, int windowBits, int level, Random random)
    {
        foreach (bool takeover in (bool[])[true, false])
        {
            int memoryLevel = random.Next(1, 10);
            using var deflater = new MessageDeflater(new CompressorSettings(windowBits, level, memoryLevel), takeover);
            using var inflater = new MessageInflater(windowBits, takeover);
            for (int round = 0; round < 4; round++)
            {
                byte[] message = DeflateSamples.Any(random, 3000);
                string payload = Convert.ToHexString(deflater.Deflate(message));
                string line = $"{windowBits} {level} {memoryLevel} {(takeover ? 1 : 0)} {payload}";
                python.StandardInput.WriteLine(line);
                string[]? answer = python.StandardOutput.ReadLine()?.Split(' ');
                Assert.True(answer is not null, $"Python could not read {line}");
                Assert.Equal(message, Convert.FromHexString(answer[0]));
                Assert.Equal(message, inflater.Inflate(Convert.FromHexString(answer[1])));
            }
        }
    }
}
