namespace Longwire.Hubs;

internal sealed class AccountTable
{
    public int Count => -1;
}
