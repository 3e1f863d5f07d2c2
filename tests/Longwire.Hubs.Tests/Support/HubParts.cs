namespace Longwire.Hubs.Tests;

/// <summary>The parts of a hub that tests look into.</summary>
internal static class HubParts
{
    extension(Hub hub)
    {
        public AccountTable Accounts => hub.Sessions.Accounts;

        public AccessList Access => hub.Sessions.Access;
    }
}
