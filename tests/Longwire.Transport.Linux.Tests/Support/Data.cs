namespace Longwire.Transport.Linux.Tests;

internal static class Data
{
    /// <summary>Bytes that repeat only after 251, so that a lost, doubled or swapped piece shows.</summary>
    public static byte[] Pattern(int length, int start = 0)
    {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++)
        {
            data[i] = (byte)((start + i) % 251);
        }

        return data;
    }
}
