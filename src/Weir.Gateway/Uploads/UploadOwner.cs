using Weir.Log;

namespace Weir.Gateway;

/// <summary>Who uploads: nobody sees, continues or spoils the uploads of another.</summary>
internal readonly record struct UploadOwner(string Tenant, AgentId Agent);
