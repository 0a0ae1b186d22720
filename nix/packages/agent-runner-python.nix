# A Python that has the agent-runner: STIGMER_E2E_AGENT_RUNNER_PYTHON=$out/bin/python3
{ python3, agent-runner }: python3.withPackages (_: [ agent-runner ])
