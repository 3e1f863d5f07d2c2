namespace Longwire.Conformance;

/// <summary>1.*: whole messages at the boundaries of the three forms of length.</summary>
internal static class EchoCases
{
    public static IEnumerable<ConformanceCase> All()
    {
        int[] sizes = [0, 125, 126, 127, 128, 65535, 65536, 65536];
        for (int index = 0; index < sizes.Length; index++)
        {
            Chops chops = index == 7 ? Chops.Of(997) : Chops.Whole;
            string how = index == 7 ? " in chops of 997 octets" : "";
            byte[] text = Filled(sizes[index], (byte)'*');
            byte[] binary = Filled(sizes[index], 0xFE);
            yield return new(
                $"1.1.{index + 1}",
                $"Text of {sizes[index]} octets{how}.",
                "The same text comes back; normal close.",
                Scripts.Answers([WireFrame.OfText(text)], chops, PeerEvent.Text(text))
            );
            yield return new(
                $"1.2.{index + 1}",
                $"Binary of {sizes[index]} octets{how}.",
                "The same octets come back; normal close.",
                Scripts.Answers([WireFrame.OfBinary(binary)], chops, PeerEvent.Binary(binary))
            );
        }
    }

    public static byte[] Filled(int length, byte value)
    {
        byte[] payload = new byte[length];
        payload.AsSpan().Fill(value);
        return payload;
    }
}
