// Package workflow holds the argument structs of tasks, one per kind. Programs use them as workflow.SetArgs,
// workflow.HttpCallArgs and so on.
package workflow
