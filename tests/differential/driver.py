"""Ask build/unit/drive_aws questions, and report how answers compare."""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("RS_BUILD", os.path.join(ROOT, "build"))
DRIVER = os.path.join(BUILD, "unit", "drive_aws")

# As in AWS_ENDPOINT_URL_<ID>, and how botocore calls the service.
SERVICES = {
    "REDSHIFT_SERVERLESS": "redshift-serverless",
    "REDSHIFT_DATA": "redshift-data",
    "REDSHIFT": "redshift",
    "ELASTIC_LOAD_BALANCING_V2": "elbv2",
    "EC2": "ec2",
    "DYNAMODB": "dynamodb",
    "STS": "sts",
    "SECRETS_MANAGER": "secretsmanager",
    "KAFKA": "kafka",
    "IAM": "iam",
    "RDS": "rds",
    "GLUE": "glue",
    "CLOUDWATCH": "cloudwatch",
    "CLOUDWATCH_LOGS": "logs",
    "CLOUDTRAIL": "cloudtrail",
    "PRICING": "pricing",
    "ROUTE53RESOLVER": "route53resolver",
    "SSM": "ssm",
    "SERVICE_QUOTAS": "service-quotas",
    "SSO": "sso",
    "SSO_OIDC": "sso-oidc",
    "LAMBDA": "lambda",
    "S3": "s3",
}


def ask(questions, env=None):
    """All questions to one driver; a list of answers in the same order."""
    text = "".join(json.dumps(q) + "\n" for q in questions)
    done = subprocess.run([DRIVER], input=text, capture_output=True,
                          text=True, env=env, check=False)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"drive_aws: status {done.returncode}: {done.stderr}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(questions):
        sys.exit(f"{len(questions)} questions, {len(answers)} answers")
    return answers


class Comparison:
    """Counts; the last line of output is the verdict."""

    def __init__(self, least):
        self.least = least      # fewer comparisons than this are a failure
        self.compared = 0
        self.different = 0

    def same(self, what, ours, theirs):
        self.compared += 1
        if ours != theirs:
            self.different += 1
            if self.different <= 10:
                print(f"different: {what}\n    ours:   {ours}\n"
                      f"    theirs: {theirs}")

    def finish(self):
        print(f"{self.compared} compared, {self.different} different")
        sys.exit(self.different != 0 or self.compared < self.least)
