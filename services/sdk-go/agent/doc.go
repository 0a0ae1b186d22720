// Package agent defines agents: instructions for a language model, and what the model may use.
//
//	stigmer.Run(func(ctx *stigmer.Context) error {
//		reviewer, err := agent.New(ctx, "code-reviewer", &agent.AgentArgs{
//			Instructions: "Review code and suggest improvements",
//		})
//		if err != nil {
//			return err
//		}
//		reviewer.AddSkillRef(skillref.Platform("coding-best-practices"))
//		return nil
//	})
//
// New checks the name at once. Everything else is checked when the program ends, so that all mistakes of all resources are
// reported together.
package agent
