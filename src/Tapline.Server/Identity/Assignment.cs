namespace Tapline.Server.Identity;

/// <summary>A user has a role on a project.</summary>
public readonly record struct Assignment(string UserId, string ProjectId, string RoleId);
