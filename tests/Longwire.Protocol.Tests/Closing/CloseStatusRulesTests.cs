namespace Longwire.Protocol.Tests;

public sealed class CloseStatusRulesTests
{
    [Fact]
    public void The_wire_carries_1000_to_1003_and_1007_to_1014_and_3000_to_4999_and_no_other_status()
    {
        HashSet<int> allowed = [.. Enumerable.Range(1000, 4), .. Enumerable.Range(1007, 8), .. Enumerable.Range(3000, 2000)];
        for (int status = 0; status <= ushort.MaxValue; status++)
        {
            Assert.Equal(allowed.Contains(status), CloseStatusRules.IsAllowedOnWire((CloseStatus)status));
        }
    }
}
